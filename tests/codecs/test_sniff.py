import numpy as np
import pytest
from PIL import features

from pixelmill.codecs import peek, sniff
from pixelmill.errors import DecodeError


@pytest.mark.parametrize(
    ("format", "name"),
    [
        ("JPEG", "jpeg"),
        ("PNG", "png"),
        ("WEBP", "webp"),
        ("GIF", "gif"),
        ("TIFF", "tiff"),
        ("BMP", "bmp"),
        ("AVIF", "avif"),
    ],
)
def test_what_pillow_writes_is_recognised_by_its_content(format, name, photo, saved):
    if format == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow is built without AVIF")
    assert sniff(saved(photo(), format)) == name


def box(*brands):
    body = b"ftyp" + brands[0] + b"\0\0\0\0" + b"".join(brands[1:])
    return (len(body) + 4).to_bytes(4, "big") + body


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (box(b"avif", b"mif1"), "avif"),
        (box(b"avis"), "avif"),
        (box(b"heic", b"mif1"), "heif"),
        (box(b"mif1", b"miaf", b"avif"), "avif"),
        (box(b"mif1", b"heic"), "heif"),
        (box(b"mp42", b"isom"), None),
    ],
    ids=str,
)
def test_a_base_media_file_is_told_by_its_brands(data, name):
    assert sniff(data) == name


def test_an_array_is_recognised(tmp_path):
    np.save(tmp_path / "a.npy", np.zeros((2, 3), np.uint8))
    assert sniff((tmp_path / "a.npy").read_bytes()) == "npy"


@pytest.mark.parametrize("data", [b"", b"\xff", b"BM", b"BMW is a car, no bitmap", b"RIFF", b"{}"])
def test_other_bytes_are_no_image(data):
    assert sniff(data) is None
    with pytest.raises(DecodeError, match="known are jpeg") as caught:
        peek(data)
    assert caught.value.reason == "unknown_format"
