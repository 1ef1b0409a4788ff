"""Headers: one 512-byte block of a tar read: name, kind, size (ustar, old GNU, V7, base-256)."""

from zlib import adler32

from pixelmill.errors import ShardError

__all__ = ["BLOCK", "Header", "parse_header", "parse_pax"]

BLOCK = 512
_MODULUS = 65521  # of Adler-32
_BLANKS = 8 * 32  # what the checksum's own field counts as
_DIGITS = 19  # of a record's length; no file is longer than 2**63 bytes
_NEWLINE = ord("\n")

Header = tuple[str, int, int]  # name, type flag as a byte, size


def parse_header(block: bytes) -> Header | None:
    """The header in a block of 512 bytes; None where its checksum says that it is none."""
    if not _sums_up(block):
        return None
    end = block.find(0, 0, 100)
    name = block[: end if end >= 0 else 100].decode("utf-8", "surrogateescape")
    # Only POSIX has a prefix there; GNU (b"ustar  ") keeps times in the same place.
    if block[345] and block[257:263] == b"ustar\0":
        prefix = block[345:500].partition(b"\0")[0].decode("utf-8", "surrogateescape")
        name = f"{prefix}/{name}"
    return name, block[156], _number(block[124:136])


def _number(field: bytes) -> int:
    """An octal or base-256 number; ShardError where it is neither."""
    try:
        return int(field[:11], 8)  # the common form: eleven digits and a NUL or a blank
    except ValueError:
        pass
    if field[0] in (0x80, 0xFF):
        number = int.from_bytes(field[1:], "big")
        return number if field[0] == 0x80 else number - (1 << 8 * (len(field) - 1))
    try:
        return int(field.partition(b"\0")[0].strip() or b"0", 8)
    except ValueError:
        raise ShardError(f"a header holds {field!r} where octal digits belong") from None


def _sums_up(block: bytes) -> bool:
    """Whether the checksum holds: the sum of all bytes, those of the field itself as blanks.

    Adler-32's low half is 1 + the sum of the bytes modulo 65521, and thirty times as fast as `sum`;
    the ones cancel out here.  Old Suns summed signed bytes: so does the second try.
    """
    field = block[148:156]
    try:
        expected = int(field.strip(b" \0") or b"0", 8)
    except ValueError:
        return False
    total = (adler32(block) & 0xFFFF) - (adler32(field) & 0xFFFF) + _BLANKS
    if (total - expected) % _MODULUS == 0:
        return True
    signed = sum(block) - 256 * sum(byte > 127 for byte in block)
    return signed - sum(field) + _BLANKS == expected


def parse_pax(data: bytes) -> dict[str, str]:
    """The records "length keyword=value" of an extended header; ShardError where one is broken.

    Walked in place: cut off one by one, the 170,000 records that fit into one header take seconds.
    """
    records: dict[str, str] = {}
    at, end = 0, len(data.rstrip(b"\0"))
    while at < end:
        blank = data.find(b" ", at, at + _DIGITS + 1)
        digits = data[at:blank] if blank > at else b""
        length = int(digits) if digits.isdigit() else 0
        stop = at + length
        equals = data.find(b"=", blank, stop - 1) if length else -1
        if equals < 0 or stop > len(data) or data[stop - 1] != _NEWLINE:
            raise ShardError(
                f"an extended header holds a broken record {bytes(data[at : at + 20])!r}"
            )
        name = data[blank + 1 : equals].decode("utf-8", "surrogateescape")
        records[name] = data[equals + 1 : stop - 1].decode("utf-8", "surrogateescape")
        at = stop
    return records
