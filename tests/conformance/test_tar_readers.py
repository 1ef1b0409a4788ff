"""Other people's tar readers open what we wrote."""

import io
import shutil
import subprocess
import tarfile

import numpy as np
import pytest

from pixelmill.sample import Sample
from pixelmill.sources import open_source


def members(samples):
    return [(f"{s.key}.{field}", data) for s in samples for field, data in s.fields.items()]


def test_tarfile_reads_every_member(tars, samples):
    found = []
    for path in sorted(tars.glob("*.tar")):
        with tarfile.open(path) as tar:
            for info in tar:
                assert (info.mtime, info.uid, info.gid, info.uname) == (0, 0, 0, "")
                found.append((info.name, tar.extractfile(info).read()))
    assert found == members(samples)


@pytest.mark.skipif(shutil.which("tar") is None, reason="there is no tar command")
def test_gnu_tar_lists_and_unpacks_every_member(tars, samples, tmp_path):
    names = []
    for path in sorted(tars.glob("*.tar")):
        env = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"}
        done = subprocess.run(["tar", "-tvf", path], capture_output=True, text=True, env=env)
        assert (done.returncode, done.stderr) == (0, "")
        lines = done.stdout.splitlines()
        assert all(line.startswith("-rw-r--r-- 0/0") for line in lines)
        names += [line.split(" ", 5)[-1].split()[-1] for line in lines]
        subprocess.run(["tar", "-xf", path, "-C", tmp_path], check=True, env=env)
    assert len(names) == len(members(samples))
    for name, data in members(samples):
        assert (tmp_path / name).read_bytes() == data


def test_webdataset_decodes_every_sample(tars, samples, webdataset_reads):
    found = webdataset_reads(sorted(map(str, tars.glob("*.tar"))), "pil")
    assert [f["__key__"] for f in found] == [s.key for s in samples]
    for one, sample in zip(found, samples, strict=True):
        assert {name for name in one if not name.startswith("__")} == set(sample.fields)
        assert one["cls"] == int(sample.fields["cls"])
        assert one["txt"] == sample.fields["txt"].decode()
        assert one["json"]["boxes"] in ([], [[1, 2, 3, 4.5]])
        assert one["jpg"].size == one["seg.png"].size


def test_webdataset_decodes_our_arrays(tmp_path, write, webdataset_reads):
    arrays = [np.full((3, 4, 5), i, np.float16) for i in range(3)]
    given = []
    for i, array in enumerate(arrays):
        out = io.BytesIO()
        np.save(out, array)
        given.append(Sample(f"k{i}", {"npy": out.getvalue()}, "w", "npy"))
    write(tmp_path, given)
    found = webdataset_reads(str(tmp_path / "train-000000.tar"))
    for one, array in zip(found, arrays, strict=True):
        np.testing.assert_array_equal(one["npy"], array)


def test_what_webdataset_wrote_is_read(tmp_path, samples):
    import webdataset as wds

    theirs = tmp_path / "theirs.tar"
    with wds.TarWriter(str(theirs), encoder=False, mtime=0, user="", group="") as tar:
        for sample in samples:
            tar.write({"__key__": sample.key, **sample.fields})
    source = open_source([str(theirs)])
    back = list(source.read(source.parts()[0]))
    assert [(s.key, s.fields) for s in back] == [(s.key, s.fields) for s in samples]
