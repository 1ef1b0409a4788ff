"""The CRC-32 of an object, summed up piece by piece, as the stores tell it."""

import zlib
from base64 import b64encode

import pytest

from pixelmill.storage.crc import Crc, crc


def summed(said, pieces):
    sums = Crc(said)
    for piece in pieces:
        sums.add(piece, sums.digest(piece))
    return sums.checksum


@pytest.mark.parametrize("lengths", [(1,), (5, 0, 3), (1000, 1000, 7), (1 << 16, 3, 1 << 12)])
def test_pieces_that_are_summed_apart_make_the_checksum_of_the_whole(rng, lengths):
    pieces = [rng.bytes(length) for length in lengths]
    assert summed("crc32 ", pieces) == f"crc32 {zlib.crc32(b''.join(pieces)):08x}"


def test_googles_is_the_one_of_rfc_3720(rng):
    google_crc32c = pytest.importorskip("google_crc32c")
    assert summed("crc32c ", [b"1234", b"56789"]) == "crc32c e3069283"  # the catalogue's value
    data = rng.bytes(10_001)
    whole = f"crc32c {google_crc32c.value(data):08x}"
    assert summed("crc32c ", [data[:6_000], data[6_000:]]) == whole


def test_that_of_parts_is_the_checksum_of_theirs():
    """As Amazon describes a composite one."""
    both = zlib.crc32(zlib.crc32(b"ab").to_bytes(4, "big") + zlib.crc32(b"c").to_bytes(4, "big"))
    assert summed("crc32 -2", [b"ab", b"c"]) == f"crc32 {both:08x}-2"


def test_a_store_is_understood_by_its_own_words():
    coded = b64encode(bytes.fromhex("0a1b2c3d")).decode()
    whole = {"ChecksumCRC32": coded, "ETag": '"1-3"', "ChecksumType": "FULL_OBJECT"}
    assert crc(whole) == "crc32 0a1b2c3d"
    assert crc({"ChecksumCRC32": f"{coded}-3", "ETag": '"1-3"'}) == "crc32 0a1b2c3d-3"
    assert crc({"ChecksumCRC32": coded, "ETag": '"1"'}) == "crc32 0a1b2c3d"


def test_a_checksum_that_may_be_of_the_whole_or_of_the_parts_is_not_looked_at():
    assert crc({"ChecksumCRC32": "Ch4sPQ==", "ETag": '"1-3"'}) == ""
    assert crc({"ETag": '"1-3"'}) == crc({}) == ""
