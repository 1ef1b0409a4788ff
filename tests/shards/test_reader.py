"""What a shard's samples are, and what becomes of members that are no part of one."""

import gzip
import shutil
import subprocess
import tarfile
import tracemalloc

import pytest
import zstandard
from tars import pack, pack_names, plain, read

from pixelmill.errors import StorageError
from pixelmill.sample import Sample
from pixelmill.shards.reader import read_shard

SAMPLES = [(f"{number:03}", {"jpg": bytes([number]) * 700, "cls": b"1"}) for number in range(5)]


def info(name, kind=tarfile.REGTYPE, **facts):
    made = tarfile.TarInfo(name)
    made.type = kind
    for fact, value in facts.items():
        setattr(made, fact, value)
    return made


@pytest.mark.parametrize("size", [1, 7, 511, 512, 513, 4096, 1 << 20])
def test_the_pieces_that_a_shard_comes_in_make_no_difference(size):
    samples, failures, error = read(pack(SAMPLES), size)
    assert plain(samples) == SAMPLES
    assert (failures, error) == ([], None)
    assert samples[0].where == "shard.tar"


@pytest.mark.parametrize(
    "tar_format", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT]
)
@pytest.mark.parametrize("name", ["a.jpg", "d" * 60 + "/" + "n" * 90 + ".jpg", "größe.jpg"])
def test_every_format_of_tar_is_read(tar_format, name):
    samples, failures, error = read(pack_names([(name, b"x" * 600)], tar_format), 1000)
    assert plain(samples) == [(name.removesuffix(".jpg"), {"jpg": b"x" * 600})]
    assert (failures, error) == ([], None)


@pytest.mark.parametrize("tar_format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_names_longer_than_any_header_are_read(tar_format):
    name = "n" * 3000 + ".jpg"
    samples, _, error = read(pack_names([(name, b"x")], tar_format))
    assert [sample.key for sample in samples] == ["n" * 3000]
    assert error is None


def test_a_base_256_size_is_read():
    data = bytearray(pack_names([("a.jpg", b"x" * 600)]))
    data[124:136] = b"\x80" + (600).to_bytes(11, "big")
    header = bytes(data[:148]) + b" " * 8 + bytes(data[156:512])
    data[148:156] = b"%06o\0 " % sum(header)
    assert plain(read(bytes(data))[0]) == [("a", {"jpg": b"x" * 600})]


def test_a_checksum_of_signed_bytes_is_accepted():
    data = bytearray(pack_names([("gr\xf6.jpg", b"x")], tarfile.USTAR_FORMAT))
    header = bytes(data[:148]) + b" " * 8 + bytes(data[156:512])
    signed = sum(byte - 256 * (byte > 127) for byte in header)
    assert signed != sum(header)
    data[148:156] = b"%06o\0 " % signed
    assert len(read(bytes(data))[0]) == 1


def test_the_times_in_a_gnu_header_are_no_part_of_the_name():
    data = bytearray(pack_names([("a.jpg", b"x")], tarfile.GNU_FORMAT))
    data[345:357] = b"14000000000\0"  # the time of the last access, where POSIX has a prefix
    header = bytes(data[:148]) + b" " * 8 + bytes(data[156:512])
    data[148:156] = b"%06o\0 " % sum(header)
    assert plain(read(bytes(data))[0]) == [("a", {"jpg": b"x"})]


def test_one_block_of_zeros_is_enough_of_an_end():
    data = pack_names([("a.jpg", b"x")])
    samples, failures, error = read(data[: 1024 + 512])
    assert (len(samples), failures, error) == (1, [], None)


def test_an_empty_tar_has_no_samples():
    assert read(pack([])) == ([], [], None)


def test_folders_and_members_that_belong_to_no_sample_are_passed_over():
    members = [
        (info("sub", tarfile.DIRTYPE), b""),
        ("sub/README", b"x"),
        (".hidden", b"x"),
        ("__note__/a.jpg", b"x"),
        ("__note__", b"x"),
        ("a.jpg", b"x"),
    ]
    samples, failures, error = read(pack_names(members))
    assert plain(samples) == [("a", {"jpg": b"x"})]
    assert (failures, error) == ([], None)


def only_failure(members, **options):
    samples, failures, error = read(pack_names(members), **options)
    assert error is None
    assert [sample.key for sample in samples] == ["before", "after"]
    assert len(failures) == 1
    return failures[0]


def around(*members):
    return [("before.jpg", b"b"), *members, ("after.jpg", b"a")]


def test_two_members_with_one_name_are_a_failure_that_holds_all():
    members = around(("a.jpg", b"1"), ("a.JPG", b"2"), ("a.cls", b"3"), ("a.jpg", b"4"))
    failure = only_failure(members)
    assert (failure.key, failure.reason) == ("a", "duplicate_member")
    assert failure.fields == {"jpg": b"1", "jpg.2": b"2", "cls": b"3", "jpg.3": b"4"}
    assert "'a.JPG'" in failure.message


def test_a_key_that_comes_again_is_a_failure():
    members = [("a.jpg", b"1"), ("b.jpg", b"2"), ("a.cls", b"3"), ("b.cls", b"4")]
    samples, failures, error = read(pack_names(members))
    assert plain(samples) == [("a", {"jpg": b"1"}), ("b", {"jpg": b"2"})]
    assert [failure.reason for failure in failures] == ["repeated_key"] * 2
    assert [failure.fields for failure in failures] == [{"cls": b"3"}, {"cls": b"4"}]
    assert len({failure.key for failure in failures} | {"a", "b"}) == 4
    assert "'a' comes again" in failures[0].message
    assert error is None


@pytest.mark.parametrize("name", ["/etc/a.jpg", "../a.jpg", "sub/../../a.jpg", ".."])
def test_a_path_that_leads_out_is_a_failure_with_a_safe_key(name):
    failure = only_failure(around((name, b"x")))
    assert failure.reason == "unsafe_path"
    assert repr(name) in failure.message
    assert not failure.key.startswith("/")
    assert ".." not in failure.key
    assert list(failure.fields.values()) == [b"x"]


@pytest.mark.parametrize(
    "kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE, tarfile.BLKTYPE]
)
@pytest.mark.parametrize("name", ["a.jpg", "no-extension"])
def test_a_link_device_or_fifo_is_a_failure(kind, name):
    failure = only_failure(around((info(name, kind, linkname="before.jpg"), b"")))
    assert failure.reason == "not_a_file"
    assert repr(name) in failure.message


def test_the_other_members_of_a_link_s_sample_are_kept():
    members = around((info("a.jpg", tarfile.SYMTYPE, linkname="x"), b""), ("a.cls", b"7"))
    failure = only_failure(members)
    assert (failure.key, failure.fields) == ("a", {"cls": b"7"})


def test_a_member_larger_than_allowed_is_skipped_unseen():
    failure = only_failure(around(("a.jpg", bytes(5000)), ("a.cls", b"7")), max_member=4000)
    assert (failure.reason, failure.fields) == ("member_too_large", {"cls": b"7"})


def test_a_sample_larger_than_allowed_is_not_kept_whole():
    members = [(f"a.{number}", bytes(1000)) for number in range(6)]
    failure = only_failure(around(*members), max_member=4000)
    assert failure.reason == "member_too_large"
    assert sum(map(len, failure.fields.values())) <= 4000


def test_webdataset_s_own_names_are_no_fields():
    failure = only_failure(around(("a.__key__", b"x"), ("a.jpg", b"y")))
    assert failure.reason == "reserved_field"
    assert failure.fields == {"reserved": b"x", "jpg": b"y"}


def test_every_failure_can_be_written_to_quarantine():
    members = [
        ("/abs.jpg", b"1"),
        ("../x.y/.hidden", b"2"),
        ("./a.jpg", b"3"),
        ("./a.JPG", b"4"),
        ("dir/._a", b"5"),
        ("b.jpg", b"6"),
        ("dir/._b", b"7"),
        ("b.__bad__", b"8"),
        (info("..", tarfile.SYMTYPE), b""),
        (info("/", tarfile.FIFOTYPE), b""),
        ("nul.jpg", b""),
        ("..", b"9"),
        ("nul.jpg", b""),
    ]
    data = pack_names(members)
    samples, failures, error = read(data)
    assert error is None
    assert len(failures) >= 8
    keys = [one.key for one in samples + failures]
    assert len(set(keys)) == len(keys)
    again = [(failure.key, failure.fields) for failure in failures if failure.fields]
    assert plain(read(pack(again))[0]) == again


def test_a_name_that_holds_a_nul_is_unsafe():
    record = b"18 path=a\0b/c.jpg\n"
    assert len(record) == 18
    pax = info("././@PaxHeader", tarfile.XHDTYPE)
    data = pack_names([(pax, record), ("x.jpg", b"1")])
    _, failures, error = read(data)
    assert error is None
    assert [failure.reason for failure in failures] == ["unsafe_path"]
    assert "\0" not in failures[0].key


def test_a_sparse_member_is_refused_not_unfolded():
    pax = info("././@PaxHeader", tarfile.XHDTYPE)
    record = b"22 GNU.sparse.major=1\n"
    assert len(record) == 22
    for members in (
        [(pax, record), ("a.jpg", b"x")],
        [(info("a.jpg", tarfile.GNUTYPE_SPARSE), b"x")],
    ):
        failure = only_failure(around(*members))
        assert (failure.key, failure.reason) == ("a", "sparse_member")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b"PK\x03\x04" + bytes(2000), "a zip file"),
        (b"<!DOCTYPE html><html>" + bytes(2000), "a web page"),
        (b"<?xml version='1.0'?><Error>" + bytes(2000), "an XML document"),
        (b"version https://git-lfs.github.com/spec/v1\n" + bytes(600), "Git LFS"),
        (b"\xff\xd8\xff\xe0" + bytes(2000), "a JPEG image"),
        (b"\xfd7zXZ\0" + bytes(2000), "xz"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "Git LFS"),
        (b"{}", "a JSON document"),
        (b"what is this" + bytes(2000), "it begins with 77 68 61 74"),
        (gzip.compress(b"\xff\xd8\xff\xe0" + bytes(2000)), "a JPEG image"),
    ],
)
def test_what_is_no_tar_is_told_by_its_look(data, told):
    samples, failures, error = read(data)
    assert (samples, failures) == ([], [])
    assert str(error).startswith("shard.tar is")
    assert told in str(error)


def test_damage_in_the_middle_names_its_place_and_keeps_what_is_before():
    data = bytearray(pack(SAMPLES))
    header = data.index(b"003.jpg")
    data[header : header + 512] = b"garbage!" * 64
    samples, failures, error = read(bytes(data))
    assert plain(samples) == SAMPLES[:2]
    assert [(one.key, one.reason) for one in failures] == [("002", "truncated_shard")]
    assert f"at byte {header + 512}, after member '002.cls'" in str(error)
    assert "67 61 72 62" in str(error)


@pytest.mark.parametrize("field", ["-0000000001", "9999999999x"])
def test_a_size_that_is_none_is_damage(field):
    data = bytearray(pack_names([("a.jpg", b"x")]))
    data[124:135] = field.encode()
    header = bytes(data[:148]) + b" " * 8 + bytes(data[156:512])
    data[148:156] = b"%06o\0 " % sum(header)
    assert "damaged" in str(read(bytes(data))[2])


def test_data_behind_the_end_mark_is_told():
    samples, failures, error = read(pack(SAMPLES[:2]) + pack(SAMPLES[2:]))
    assert plain(samples) == SAMPLES[:2]
    assert failures == []
    assert "data follows its end mark" in str(error)


def test_an_extended_header_that_claims_gigabytes_takes_no_memory():
    pax = bytearray(pack_names([(info("x", tarfile.XHDTYPE), b"")])[:512])
    pax[124:136] = b"77777777777\0"
    header = bytes(pax[:148]) + b" " * 8 + bytes(pax[156:512])
    pax[148:156] = b"%06o\0 " % sum(header)
    assert "extended header" in str(read(bytes(pax) + bytes(1024))[2])


@pytest.mark.parametrize("pack_it", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
@pytest.mark.parametrize("size", [1, 1000, 1 << 20])
def test_compressed_shards_are_told_by_their_content(pack_it, size):
    samples, failures, error = read(pack_it(pack(SAMPLES)), size)
    assert plain(samples) == SAMPLES
    assert (failures, error) == ([], None)


@pytest.mark.parametrize("pack_it", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
def test_compressed_streams_in_a_row_are_one_shard(pack_it):
    data = pack(SAMPLES)
    parts = [pack_it(data[start : start + 3000]) for start in range(0, len(data), 3000)]
    assert plain(read(b"".join(parts), 997)[0]) == SAMPLES


def test_zeros_may_pad_a_gzip():
    samples, _, error = read(gzip.compress(pack(SAMPLES)) + bytes(1000), 300)
    assert (len(samples), error) == (5, None)


@pytest.mark.parametrize("pack_it", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
def test_a_cut_compressed_shard_gives_what_is_before_the_cut(rng, pack_it):
    whole = [(f"{number:03}", {"jpg": rng.bytes(70_000)}) for number in range(10)]
    data = pack_it(pack(whole))
    samples, failures, error = read(data[: len(data) * 3 // 4], 5000)
    assert 0 < len(samples) < 10
    assert plain(samples) == whole[: len(samples)]
    assert [failure.reason for failure in failures] == ["truncated_shard"]
    assert "cut short" in str(error)


@pytest.mark.parametrize("size", [1, 500, 1 << 20])
def test_a_damaged_gzip_gives_what_is_before_the_damage_and_tells_of_it(rng, size):
    whole = [(f"{number:03}", {"jpg": rng.bytes(2000)}) for number in range(10)]
    data = bytearray(gzip.compress(pack(whole)))
    data[-6] ^= 255  # in the checksum
    samples, failures, error = read(bytes(data), size)
    assert (plain(samples), failures) == (whole, [])
    assert "gzip" in str(error)


def test_a_damaged_zstd_is_told(rng):
    frame = bytearray(zstandard.compress(pack([("a", {"jpg": rng.bytes(300_000)})])))
    frame[100_000] ^= 255
    frame[4] ^= 8  # a reserved bit
    assert "zstd" in str(read(bytes(frame), 5000)[2])


@pytest.mark.parametrize("pack_it", [gzip.compress, zstandard.compress], ids=["gz", "zst"])
def test_a_bomb_unfolds_no_further_than_a_member_may(pack_it):
    bomb = pack_it(pack([("a", {"jpg": bytes(64 << 20)}), ("b", {"jpg": b"x"})]))
    tracemalloc.start()
    try:
        found = list(read_shard([bomb], "bomb", max_member=1 << 20))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert found[0].reason == "member_too_large"
    assert isinstance(found[1], Sample)
    assert peak < 16 << 20  # a few buffers of 1 MiB, and the packed bomb itself


def test_the_map_of_an_old_sparse_member_is_passed_over(tmp_path):
    if shutil.which("tar") is None:
        pytest.skip("there is no tar command")
    with open(tmp_path / "a.jpg", "wb") as file:
        for hole in range(30):  # more than the header's own room for four
            file.seek(hole << 20)
            file.write(b"x" * 4096)
    (tmp_path / "b.jpg").write_bytes(b"b")
    command = ["tar", "--sparse", "--format=gnu", "-cf", "x.tar", "a.jpg", "b.jpg"]
    subprocess.run(command, check=True, cwd=tmp_path)
    samples, failures, error = read((tmp_path / "x.tar").read_bytes())
    assert error is None
    assert [failure.reason for failure in failures] == ["sparse_member"]
    assert plain(samples) == [("b", {"jpg": b"b"})]


def test_a_storage_that_fails_is_not_taken_for_a_damaged_shard():
    def chunks():
        yield pack(SAMPLES)[:3000]
        raise StorageError("gone")

    with pytest.raises(StorageError, match="gone"):
        list(read_shard(chunks(), "x.tar"))
