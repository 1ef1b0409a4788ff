import io
import tarfile

import pytest

from pixelmill.errors import EncodeError
from pixelmill.outputs import open_output
from pixelmill.sample import Sample
from pixelmill.sources import open_source


def test_a_tar_reads_back_to_the_same_samples(write, sample, tmp_path):
    samples = [sample(i, json=b"{}", **{"seg.png": b"p"}) for i in range(5)]
    write(samples)
    source = open_source([str(tmp_path / "out")])
    [part] = source.parts()
    back = list(source.read(part))
    assert [(s.key, list(s.fields.items())) for s in back] == [
        (s.key, list(s.fields.items())) for s in samples
    ]


def test_the_bytes_are_those_of_tarfile(write, sample, tmp_path):
    samples = [sample(i) for i in range(3)]
    write(samples)
    expected = io.BytesIO()
    with tarfile.open(fileobj=expected, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for one in samples:
            for field, data in one.fields.items():
                info = tarfile.TarInfo(f"{one.key}.{field}")
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    assert (tmp_path / "out/train-000000.tar").read_bytes() == expected.getvalue()


@pytest.mark.parametrize("size", [0, 1, 511, 512, 513, 4000])
def test_the_size_that_is_foretold_is_the_size(write, sample, size):
    samples = [sample(i, size) for i in range(30)]
    [whole] = write(samples)
    assert len(write(samples, bytes=whole.bytes)) == 1
    assert len(write(samples, bytes=whole.bytes - 1)) == 2


def test_the_index_beside_a_shard_says_where_the_data_lies(write, sample, tmp_path):
    samples = [sample(i) for i in range(3)]
    [first, second] = write(samples, samples=2, index=True)
    data = (tmp_path / "out" / first.name).read_bytes()
    head, *lines = (tmp_path / "out/train-000000.idx").read_text().splitlines()
    assert head == "v1.2 2"
    for line, one in zip(lines, samples, strict=False):
        words = line.split()
        for at in range(0, len(words), 4):
            field, offset, size, name = words[at : at + 4]
            assert data[int(offset) : int(offset) + int(size)] == one.fields[field]
            assert name == f"{one.key}.{field}"
    assert (tmp_path / "out/train-000001.idx").read_text().startswith("v1.2 1\n")
    assert second.samples == 1


def test_a_name_that_no_index_takes_is_refused(tmp_path):
    output = open_output("webdataset", str(tmp_path), "train", str, index=True)
    with pytest.raises(EncodeError, match="index"):
        output.add(Sample("zwei Wörter", {"jpg": b"x"}, "w", "jpg"), b"x", "jpg")
    output.abort()
