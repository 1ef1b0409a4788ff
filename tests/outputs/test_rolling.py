import hashlib

import pytest

from pixelmill import storage
from pixelmill.errors import EncodeError, JobError, StorageError
from pixelmill.outputs import open_output
from pixelmill.outputs.count import count_samples
from pixelmill.sample import Sample

SUFFIX = {"webdataset": ".tar", "parquet": ".parquet"}
formats = pytest.mark.parametrize("format", SUFFIX)


def files(folder):
    return sorted(path.name for path in folder.rglob("*")) if folder.exists() else []


@formats
def test_records_say_what_lies_there(write, sample, tmp_path, format):
    [record] = write([sample(i) for i in range(5)], format)
    data = (tmp_path / "out" / record.name).read_bytes()
    assert record.name == "train-000000" + SUFFIX[format]
    assert (record.output, record.samples, record.fields) == ("train", 5, ("cls", "jpg"))
    assert (record.bytes, record.sha256) == (len(data), hashlib.sha256(data).hexdigest())
    assert count_samples(str(tmp_path / "out" / record.name)) == 5
    assert files(tmp_path / "out") == [record.name]


@formats
def test_a_shard_holds_so_many_samples_and_the_next_goes_on(write, sample, tmp_path, format):
    records = write([sample(i) for i in range(7)], format, samples=3)
    assert [r.samples for r in records] == [3, 3, 1]
    assert files(tmp_path / "out") == [f"train-{i:06d}{SUFFIX[format]}" for i in range(3)]


@formats
def test_a_shard_stays_below_its_bytes_but_holds_one_sample_at_least(write, sample, format):
    records = write([sample(i, 20_000) for i in range(8)], format, bytes=100_000)
    assert sum(r.samples for r in records) == 8
    assert all(50_000 < r.bytes <= 100_000 for r in records[:-1])
    lone = write([sample(i, 20_000) for i in range(3)], format, bytes=10_000)
    assert [r.samples for r in lone] == [1, 1, 1]


@formats
def test_the_bytes_are_the_same_every_time_and_however_they_are_cut(
    write, sample, tmp_path, format
):
    samples = [sample(i, 999, json=b'{"i": 1}', raw=b"\xff") for i in range(50)]
    first, second = (write(samples, format, tmp_path / str(i)) for i in range(2))
    assert [r.sha256 for r in first] == [r.sha256 for r in second]
    # The n-th shard is a function of its samples only, not of what was written before.
    rolled = write(samples, format, tmp_path / "c", samples=20)
    alone = write(samples[20:40], format, tmp_path / "d")
    assert rolled[1].sha256 == alone[0].sha256


@formats
def test_no_file_is_there_before_the_end(sample, tmp_path, format):
    output = open_output(format, str(tmp_path / "out"), "train", "train-{}".format)
    assert files(tmp_path / "out") == []
    output.add(sample(1), b"x", "jpg")
    assert [
        name for name in files(tmp_path / "out") if not name.startswith(".pixelmill-tmp-")
    ] == []
    output.close()
    assert files(tmp_path / "out") == ["train-0" + SUFFIX[format]]


@formats
def test_aborting_removes_the_shards_that_are_there_already(sample, tmp_path, format):
    output = open_output(
        format, str(tmp_path / "out"), "train", "train-{}".format, samples=1, index=True
    )
    for i in range(3):
        output.add(sample(i), b"x", "jpg")
    assert "train-0" + SUFFIX[format] in files(tmp_path / "out")
    output.abort()
    assert files(tmp_path / "out") == []
    output.abort()


@formats
def test_an_output_without_samples_leaves_one_empty_shard_or_none(write, tmp_path, format):
    [record] = write([], format)
    assert (record.samples, record.fields) == (0, ())
    assert count_samples(str(tmp_path / "out" / record.name)) == 0
    assert write([], format, tmp_path / "none", empty=False) == []
    assert files(tmp_path / "none") == []


@formats
def test_a_refused_sample_leaves_no_trace(sample, tmp_path, format):
    bad = Sample("k\udcff", {"cls": b"1", "JPG": b"x"}, "w")
    output = open_output(format, str(tmp_path / "a"), "train", "train-{}".format)
    with pytest.raises(EncodeError):
        output.add(bad, b"x", "jpg\udcff")
    output.add(sample(1), b"x", "jpg")
    [record] = output.close()
    output = open_output(format, str(tmp_path / "b"), "train", "train-{}".format)
    output.add(sample(1), b"x", "jpg")
    assert output.close() == [record]


@formats
def test_a_refused_sample_alone_leaves_no_shard_of_its_own(tmp_path, format):
    output = open_output(
        format, str(tmp_path / "a"), "train", "train-{}".format, samples=1, empty=False
    )
    with pytest.raises(EncodeError):
        output.add(Sample("k\udcff", {"JPG": b"x"}, "w"), b"x", "jpg\udcff")
    assert output.close() == []
    assert files(tmp_path / "a") == []


@formats
def test_a_bucket_gets_the_same_bytes(write, sample, format):
    samples = [sample(i) for i in range(3)]
    [there] = write(samples, format, "memory://outputs-test")
    [here] = write(samples, format)
    assert there == here
    assert storage.stat(f"memory://outputs-test/{there.name}").size == there.bytes


@formats
def test_a_folder_that_cannot_be_written_is_named(sample, tmp_path, format):
    (tmp_path / "file").write_bytes(b"")
    output = open_output(format, str(tmp_path / "file/out"), "train", "train-{}".format)
    with pytest.raises(StorageError, match="file/out"):
        output.add(sample(1), b"x", "jpg")
    output.abort()


def test_an_unknown_format_is_refused():
    with pytest.raises(JobError, match="webdataset or parquet, got 'zip'"):
        open_output("zip", "out", "train", str)
