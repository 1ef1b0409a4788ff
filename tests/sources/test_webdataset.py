import io
import tarfile

import pytest

from pixelmill import storage
from pixelmill.errors import InputMissing, ShardError
from pixelmill.sample import Failure
from pixelmill.sources import open_source


@pytest.fixture
def tar(tmp_path):
    """Write a tar of {member name: bytes} with Python's tarfile."""

    def write(name, members, mode="w"):
        path = tmp_path / name
        with tarfile.open(path, mode) as file:
            for member, data in members.items():
                info = tarfile.TarInfo(member)
                info.size = len(data)
                file.addfile(info, io.BytesIO(data))
        return str(path)

    return write


def test_a_tar_is_a_part_and_gives_its_samples(tar, tmp_path):
    tar("a-000.tar", {"x.jpg": b"1", "x.cls": b"2", "y.jpg": b"3"})
    tar("a-001.tar", {"z.jpg": b"4"})
    source = open_source([f"{tmp_path}/a-{{000..001}}.tar"])
    parts = source.parts()
    assert source.kind == "webdataset"
    assert [p.url.rpartition("/")[2] for p in parts] == ["a-000.tar", "a-001.tar"]
    assert [p.size for p in parts] == [10240, 10240]
    assert all(p.stamp for p in parts)
    samples = [s for part in parts for s in source.read(part)]
    assert [(s.key, s.fields, s.where) for s in samples] == [
        ("x", {"jpg": b"1", "cls": b"2"}, parts[0].url),
        ("y", {"jpg": b"3"}, parts[0].url),
        ("z", {"jpg": b"4"}, parts[1].url),
    ]


def test_a_missing_shard_is_named(tar, tmp_path):
    tar("a-000.tar", {"x.jpg": b"1"})
    with pytest.raises(InputMissing, match=r"a-001\.tar"):
        open_source([f"{tmp_path}/a-{{000..001}}.tar"], "webdataset").parts()


def test_a_cut_shard_gives_its_good_samples_first(tar, tmp_path):
    path = tar("a.tar", {"x.jpg": b"1", "y.jpg": bytes(5000)})
    data = (tmp_path / "a.tar").read_bytes()
    (tmp_path / "a.tar").write_bytes(data[:3000])
    source = open_source([path])
    samples = source.read(source.parts()[0])
    assert next(samples).key == "x"
    assert isinstance(next(samples), Failure)
    with pytest.raises(ShardError, match=r"a\.tar"):
        next(samples)


def test_many_shards_of_a_bucket_are_found_by_listing(tar, tmp_path, monkeypatch):
    tar("a.tar", {"x.jpg": b"1"})
    data = (tmp_path / "a.tar").read_bytes()
    for i in range(40):
        storage.write(f"memory://many/a-{i:02d}.tar", data)
    fs = storage.filesystem("memory://many")[0]
    asked = []
    info = type(fs).info
    monkeypatch.setattr(type(fs), "info", lambda *args: asked.append(args) or info(*args))
    assert len(open_source(["memory://many/a-{00..39}.tar"]).parts()) == 40
    assert len(asked) < 40  # one for each would be a slow request each, on a bucket


def test_reading_stopped_early_ends_the_thread_that_reads_ahead(tar):
    import threading

    source = open_source([tar("a.tar", {f"{i}.jpg": bytes(1000) for i in range(50)})])
    samples = source.read(source.parts()[0])
    next(samples)
    samples.close()
    assert not [t for t in threading.enumerate() if "read-ahead" in t.name]
