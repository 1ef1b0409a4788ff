"""Polyglots: files that are two things at once; one is decoded, the other is never looked at."""

import io
import sys
import tarfile
import zipfile
from contextlib import contextmanager

import pytest
from bombs import saved
from children import write_tar
from PIL import Image

import pixelmill
from pixelmill import Job

PAGE = b"<html><script>alert(document.domain)</script></html>"
SCRIPT = b"*/=1;require('child_process').execSync('touch here')//"
DOCUMENT = b"%PDF-1.4\n1 0 obj<</OpenAction<</S/Launch/F(touch)>>>>endobj\ntrailer<</Root 1 0 R>>"


def photo(format, **options):
    return saved(format, (32, 24), **options)


def jpeg_and_zip():
    """Readers of zip look for it from the end; so is a jar."""
    file = io.BytesIO(photo("JPEG"))
    with zipfile.ZipFile(file, "a") as packed:
        packed.writestr("__main__.py", "open('here', 'w')")
    return file.getvalue()


def gif_and_script():
    """A screen of 10,799 columns, which are the letters that begin a comment."""
    data = photo("GIF")
    assert data[:6] == b"GIF87a"
    return data[:6] + b"/*" + data[8:] + SCRIPT


def jpeg_and_document():
    return photo("JPEG", comment=DOCUMENT)


def png_and_page():
    return photo("PNG") + PAGE


def bmp_and_script():
    """BM is a name that a script may set; the sizes of the file are believed by no one."""
    data = photo("BMP")
    return data[:2] + b"=1/*" + data[6:] + SCRIPT


IMAGES = {  # what is decoded, and what the file is besides
    "jpeg and zip": (jpeg_and_zip, b"__main__.py"),
    "gif and script": (gif_and_script, SCRIPT),
    "jpeg and document": (jpeg_and_document, DOCUMENT),
    "png and page": (png_and_page, PAGE),
    "bmp and script": (bmp_and_script, SCRIPT),
}
OTHERS = {  # an image by its name alone
    "zip": lambda: jpeg_and_zip()[len(photo("JPEG")) :],
    "page": lambda: PAGE + photo("JPEG"),
    "document": lambda: DOCUMENT + photo("JPEG"),
    "script": lambda: b"#!/bin/sh\ntouch here\n" + photo("PNG"),
    "svg": lambda: b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>",
    "tar": lambda: tar_of_one("a.jpg", photo("JPEG")),
}
_watched = []


def _audit(event, _):
    if event in ("subprocess.Popen", "os.system", "os.exec", "os.posix_spawn", "os.fork"):
        _watched.append(event)


@contextmanager
def nothing_is_run(once=[]):  # noqa: B006  # a hook cannot be taken out again
    if not once:
        once.append(sys.addaudithook(_audit))
    _watched.clear()
    yield
    assert _watched == []


def tar_of_one(name, data):
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w") as tar:
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    return file.getvalue()


def run(tmp_path, name, data, **more):
    shard = write_tar(tmp_path / "in.tar", [(name, data), ("good.jpg", photo("JPEG"))])
    with nothing_is_run():
        return pixelmill.run(
            Job(source=shard, output=str(tmp_path / "out"), max_failures=9, **more)
        )


def written(tmp_path):
    with tarfile.open(tmp_path / "out" / "train-000000.tar") as tar:
        return {member.name: tar.extractfile(member).read() for member in tar}


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("extension", ["jpg", "png"])
def test_it_is_decoded_by_content_and_only_its_pixels_are_written(
    name, extension, tried, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    tried["polyglots"] += 1
    make, other = IMAGES[name]
    assert other in make()
    steps = [{"resize": 16}]
    report = run(tmp_path, f"bad.{extension}", make(), transforms=steps, outputs=[{"image": "png"}])
    assert report.tally.written == 2
    found = written(tmp_path)["bad.png"]
    assert other not in found
    with Image.open(io.BytesIO(found)) as image:
        assert image.format == "PNG"
        assert min(image.size) == 16
    assert not (tmp_path / "here").exists()


def test_what_no_step_touches_stays_byte_for_byte_and_with_it_what_else_it_is(tmp_path):
    """As the job asks for it: a file that is to be clean has to be encoded anew."""
    data = jpeg_and_zip()
    assert run(tmp_path, "bad.jpg", data).tally.written == 2
    assert written(tmp_path)["bad.jpg"] == data


@pytest.mark.parametrize("name", OTHERS)
def test_what_begins_as_something_else_is_refused_though_an_image_follows(
    name, tried, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    tried["polyglots"] += 1
    report = run(tmp_path, "bad.jpg", OTHERS[name]())
    assert report.tally.written == 1
    assert report.tally.quarantined.total() == 1
    assert not (tmp_path / "here").exists()
