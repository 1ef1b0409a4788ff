"""Where samples lie, by headers alone: what the reader finds, or nothing at all."""

import gzip
import io
import tarfile

import pytest

from pixelmill.sample import Sample
from pixelmill.shards.reader import read_shard
from pixelmill.shards.survey import spots
from pixelmill.shards.writer import TarWriter, member_header


def ours(path, samples):
    with open(path, "wb") as file:
        tar = TarWriter(file.write)
        for key, fields in samples:
            tar.add(key, fields)
        tar.close()


def theirs(path, members, format=tarfile.GNU_FORMAT, kind=tarfile.REGTYPE):
    with tarfile.open(path, "w", format=format) as tar:
        for name, data in members:
            info = tarfile.TarInfo(name)
            info.type, info.mtime, info.uname = kind, 1_700_000_000, "someone"
            info.size = len(data) if kind == tarfile.REGTYPE else 0
            tar.addfile(info, io.BytesIO(data))


def cut_out(path, found):
    """Each sample read from its own blocks alone."""
    data = path.read_bytes()
    blocks = [data[spot.offset : spot.end] + bytes(1024) for spot in found]
    return [sample for piece in blocks for sample in read_shard([piece], str(path))]


SAMPLES = [(f"a/{n}", {"jpg": bytes([n]) * (n * 397), "cls": b"%d" % n}) for n in range(40)]
MEMBERS = [(f"{key}.{field}", data) for key, fields in SAMPLES for field, data in fields.items()]


def test_samples_that_our_writer_wrote_are_blocks_to_be_copied(tmp_path):
    path = tmp_path / "a.tar"
    ours(path, SAMPLES)
    found = spots(str(path))
    assert [(spot.key, spot.fields) for spot in found] == [(k, list(f)) for k, f in SAMPLES]
    assert all(spot.ours for spot in found)
    data = path.read_bytes()
    assert b"".join(data[spot.offset : spot.end] for spot in found) == data[: found[-1].end]


@pytest.mark.parametrize("format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT])
def test_samples_of_other_writers_are_found_and_are_not_ours(tmp_path, format):
    path = tmp_path / "a.tar"
    long = [("x" * 90 + "/" + "é" * 60 + f"{n}.txt", b"%d" % n) for n in range(3)]
    members = MEMBERS if format == tarfile.USTAR_FORMAT else MEMBERS + long
    theirs(path, members, format)
    found = spots(str(path))
    with path.open("rb") as file:
        expected = list(read_shard([file.read()], str(path)))
    assert cut_out(path, found) == expected
    assert not any(spot.ours for spot in found)
    assert all(isinstance(sample, Sample) for sample in expected)


def test_folders_and_notes_belong_to_no_sample(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as tar:
        for name in ("a", "a/0.txt", "__meta__/x.json", "a/1.txt", "a/1.cls", ".hidden", "README"):
            info = tarfile.TarInfo(name)
            info.type = tarfile.DIRTYPE if name == "a" else tarfile.REGTYPE
            tar.addfile(info)
    assert [spot.key for spot in spots(str(path))] == ["a/0", "a/1"]
    assert len(cut_out(path, spots(str(path)))) == 2


def test_what_stands_within_a_sample_is_not_copied_with_it(tmp_path):
    path = tmp_path / "a.tar"
    blocks = [
        member_header(name, 1) + b"x" + bytes(511) for name in ("k.txt", "__m__/k.txt", "k.cls")
    ]
    path.write_bytes(b"".join(blocks) + bytes(1024))
    (spot,) = spots(str(path))
    assert not spot.ours
    (sample,) = cut_out(path, [spot])
    assert sample.fields == {"txt": b"x", "cls": b"x"}


@pytest.mark.parametrize(
    "members",
    [
        [("a.txt", b"1"), ("b.txt", b"2"), ("a.cls", b"3")],
        [("a.txt", b"1"), ("a.TXT", b"2")],
        [("../a.txt", b"1")],
        [("/a.txt", b"1")],
        [("a.__key__", b"1")],
    ],
    ids=["key again", "field again", "upward", "absolute", "reserved"],
)
def test_what_the_reader_has_to_judge_is_left_to_it(tmp_path, members):
    theirs(tmp_path / "a.tar", members)
    assert spots(str(tmp_path / "a.tar")) is None


def test_links_are_left_to_the_reader(tmp_path):
    theirs(tmp_path / "a.tar", [("a.txt", b"")], kind=tarfile.SYMTYPE)
    assert spots(str(tmp_path / "a.tar")) is None


def test_headers_for_all_that_follow_cannot_be_cut(tmp_path):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT, pax_headers={"comment": "x"}) as tar:
        tar.addfile(tarfile.TarInfo("a.txt"))
    assert spots(str(path)) is None


@pytest.mark.parametrize("at", [1, 511, 512, 700, -1024, -10240])
def test_a_shard_that_is_cut_short_is_left_to_the_reader(tmp_path, at):
    path = tmp_path / "a.tar"
    ours(path, SAMPLES)
    data = path.read_bytes()
    end = spots(str(path))[-1].end
    path.write_bytes(data[: at if at > 0 else end + min(0, at + 1024)])
    assert spots(str(path)) is None


def test_data_behind_the_end_mark_is_left_to_the_reader(tmp_path):
    path = tmp_path / "a.tar"
    ours(path, SAMPLES)
    path.write_bytes(path.read_bytes() * 2)
    assert spots(str(path)) is None


def test_compressed_and_remote_shards_are_left_to_the_reader(tmp_path):
    path = tmp_path / "a.tar"
    ours(path, SAMPLES)
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(path.read_bytes()))
    assert spots(str(tmp_path / "a.tar.gz")) is None
    assert spots("memory://a.tar") is None
    assert spots(str(tmp_path / "nowhere.tar")) is None
