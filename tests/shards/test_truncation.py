"""A shard that is cut anywhere: what is before the cut is good, the rest is told, nothing hangs."""

import gzip
import tarfile

import pytest
from tars import pack, pack_names, plain, read

SAMPLES = [
    ("a", {"jpg": b"1" * 700, "cls": b"1"}),
    ("b", {"jpg": b"2" * 512, "cls": b"2", "json": b"{}"}),  # fields vary: no form to guess from
    ("größe", {"jpg": b"3" * 100}),
    ("n" * 120, {"jpg": b"", "cls": b"4"}),
    ("e", {"jpg": b"5" * 2000, "cls": b"5"}),
]
GNU = [(f"{key}.{field}", data) for key, fields in SAMPLES for field, data in fields.items()]
TARS = {"ours": pack(SAMPLES), "gnu": pack_names(GNU, tarfile.GNU_FORMAT)}


def end_of_members(data):
    return len(data.rstrip(b"\0")) + 511 >> 9 << 9


def expect_prefix(data, cut):
    samples, failures, error = read(data[:cut], 1000)
    assert plain(samples) == SAMPLES[: len(samples)], cut
    if cut >= end_of_members(data) + 512:
        assert (len(samples), failures, error) == (len(SAMPLES), [], None), cut
        return
    assert error is not None, cut
    assert "shard.tar" in str(error)
    assert len(failures) <= 1
    for failure in failures:
        key, fields = SAMPLES[len(samples)]
        assert (failure.key, failure.reason) == (key, "truncated_shard")
        assert all(fields[name].startswith(part) for name, part in failure.fields.items())


@pytest.mark.parametrize("kind", TARS)
def test_a_tar_cut_at_any_64_bytes_gives_a_true_prefix(kind):
    data = TARS[kind]
    for cut in range(0, len(data) + 1, 64):
        expect_prefix(data, cut)


@pytest.mark.parametrize("kind", TARS)
def test_a_tar_cut_one_byte_beside_a_block_gives_a_true_prefix(kind):
    data = TARS[kind]
    for cut in range(512, len(data), 512):
        expect_prefix(data, cut - 1)
        expect_prefix(data, cut + 1)


def test_a_cut_right_behind_a_whole_member_costs_the_open_sample():
    data = TARS["ours"]
    samples, failures, error = read(data[: data.index(b"b.cls")])
    assert plain(samples) == SAMPLES[:1]
    assert failures[0].fields == {"jpg": b"2" * 512}
    assert "at least 512 more bytes were expected" in str(error)
    assert "'b.jpg'" in str(error)


def test_a_cut_in_an_extended_header_is_told_as_a_cut():
    data = TARS["ours"]
    start = data.index(b"././@PaxHeader")
    for cut in (start + 512, start + 600, start + 1000):
        assert "cut short" in str(read(data[:cut])[2])


def test_the_sample_before_one_that_had_begun_is_whole():
    data = TARS["ours"]
    samples, failures, _ = read(data[: data.index(b"b.jpg") + 600])
    assert plain(samples) == SAMPLES[:1]
    assert failures[0].fields == {"jpg": b"2" * 88}


def test_a_gzip_cut_anywhere_gives_a_true_prefix():
    data = gzip.compress(TARS["ours"])
    for cut in range(1, len(data) - 8, 3):
        samples, _, error = read(data[:cut])
        assert plain(samples) == SAMPLES[: len(samples)]
        assert error is not None or len(samples) == len(SAMPLES)


def test_any_flipped_byte_is_met_without_another_exception():
    data = TARS["ours"]
    for place in range(0, len(data), 37):
        damaged = bytearray(data)
        damaged[place] ^= 0x55
        read(bytes(damaged))  # raises nothing but ShardError, which `read` catches
