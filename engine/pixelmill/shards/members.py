"""Members: the files of a tar, one after another, from a stream of chunks and without seeking.

Read are V7, ustar, old GNU and PAX tars.  Offsets are those of the tar itself: in a compressed
shard they count decompressed bytes.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from pixelmill.errors import ShardError
from pixelmill.shards.blocks import Blocks
from pixelmill.shards.compression import looks_like
from pixelmill.shards.extended import KINDS, Extended
from pixelmill.shards.headers import BLOCK, Header, parse_header

__all__ = ["MAX_MEMBER", "Cut", "Member", "read_members"]

# A larger member is not an image but a mistake or an attack; its bytes are skipped unseen.  It is
# nearly twice what 200 megapixels, the most that are decoded by default, are without compression.
MAX_MEMBER = 1 << 30
# The largest extended header or long name taken.  Paths end at 4 KiB, attributes at 64 KiB each.
_MAX_EXTENDED = 1 << 20

_ZEROS = bytes(BLOCK)
_FILES = b"0\x007"  # regular, regular in V7, contiguous
_NO_DATA = b"123456"  # links, devices, folders, fifos: their size says nothing
_FILE, _FOLDER, _LABEL, _SPARSE = b"05VS"


class Member(NamedTuple):
    """One file of a tar.  `fault` is empty where nothing is wrong with it and `data` is all."""

    name: str
    data: bytes
    fault: str
    size: int
    offset: int  # of the data


class Cut(NamedTuple):
    """The tar ended too early or is damaged: `error` says how, `member` is what there is of one.

    `complete` is true where the end mark was met before, so that no member can be missing.
    """

    member: Member | None
    error: ShardError
    complete: bool = False


def read_members(
    chunks: Iterable[bytes], where: str, max_member: int = MAX_MEMBER
) -> Iterator[Member | Cut]:
    """Yield the members of an uncompressed tar; a Cut is the last thing yielded.

    Folders and volume labels are passed over.  A member that is no plain file, is sparse, or is
    larger than `max_member` comes with its `fault` and without its data; one whose name is too
    long with its data, under a shorter one.
    """
    blocks = Blocks(chunks)
    last, complete = "", False
    try:
        for member in _members(blocks, max_member):
            last = member.name
            yield member
        complete = True
        _expect_only_zeros(blocks)
    except _Ended as end:
        yield Cut(end.member, blocks.broken or _cut_short(where, end, last), complete)
    except _NoTar as error:
        yield Cut(None, ShardError(f"{where} is not a tar: {error}; repack it as .tar or .tar.gz"))
    except ShardError as damage:
        at = f"at byte {blocks.offset}" + (f", after member {last!r}" if last else "")
        yield Cut(None, ShardError(f"{where} is damaged {at}: {damage}"), complete)


class _Ended(Exception):
    """The stream ended inside a member, or before the end mark."""

    def __init__(self, offset: int, missing: int, doing: str, member: Member | None = None) -> None:
        super().__init__(offset, missing, doing)
        self.offset, self.missing, self.doing, self.member = offset, missing, doing, member


class _NoTar(Exception):
    """The first block is no header."""


def _members(blocks: Blocks, max_member: int) -> Iterator[Member]:
    """Long for speed: nearly every member is a plain file and takes the few lines at the end."""
    extended, take = Extended(), blocks.take
    while True:
        block = take(BLOCK)
        header = parse_header(block) if len(block) == BLOCK else None
        if header is None or header[2] < 0:
            if block == _ZEROS:
                return
            raise _no_header(blocks, block, header)
        kind = header[1]
        fault = ""
        if kind in KINDS:
            extended.add(kind, _extended_data(blocks, header))
            continue
        if extended.pending:
            header, fault = extended.apply(header)
        name, kind, size = header
        if kind != _FILE or fault or size > max_member:
            if kind == _SPARSE:
                _skip_sparse_map(blocks, block[482])
            if member := _unusual(blocks, header, fault, max_member):
                yield member
            continue
        offset = blocks.offset
        data = take(size, -size % BLOCK)
        if len(data) < size:
            member = Member(name, data, "", size, offset)
            raise _Ended(blocks.offset, size - len(data), f"in member {name!r}", member)
        yield Member(name, data, "", size, offset)


def _unusual(blocks: Blocks, header: Header, fault: str, max_member: int) -> Member | None:
    """The member of a header other than a plain file's; None where it is none."""
    name, kind, size = header
    if kind == _FOLDER or (kind == 0 and name.endswith("/")):
        return None
    if kind in _NO_DATA:
        return Member(name, b"", "not_a_file", 0, blocks.offset)
    fault = _fault(kind, size, fault, max_member)
    offset = blocks.offset
    whole = not fault or (fault == "name_too_long" and size <= max_member)
    data = blocks.take(size) if whole else b""
    got = len(data) if whole else blocks.skip(size)
    member = Member(name, data, fault, size, offset)
    if got < size:
        raise _Ended(blocks.offset, size - got, f"in member {name!r}", member)
    blocks.skip(-size % BLOCK)  # where the padding is cut, the next header will be missing
    return None if kind == _LABEL else member


def _skip_sparse_map(blocks: Blocks, more: int) -> None:
    """Old GNU tar puts what its header has no room for into blocks of its own behind it."""
    while more:
        block = blocks.take(BLOCK)
        if len(block) < BLOCK:
            raise _Ended(blocks.offset, BLOCK - len(block), "in the map of a sparse member")
        more = block[504]


def _fault(kind: int, size: int, fault: str, max_member: int) -> str:
    if kind == _SPARSE:
        return "sparse_member"
    if kind not in _FILES:
        return "not_a_file"
    return fault or ("member_too_large" if size > max_member else "")


def _extended_data(blocks: Blocks, header: Header) -> bytes:
    name, _, size = header
    if size > _MAX_EXTENDED:
        raise ShardError(
            f"extended header {name!r} says {size} bytes, at most {_MAX_EXTENDED} are read"
        )
    data = blocks.take(size)
    missing = size - len(data) or -size % BLOCK - blocks.skip(-size % BLOCK)
    if missing:
        raise _Ended(blocks.offset, missing, f"in extended header {name!r}")
    return data


def _no_header(blocks: Blocks, block: bytes, header: Header | None) -> Exception:
    first, kind = blocks.offset == len(block), looks_like(block)
    if first and block and kind:
        return _NoTar(f"it looks like {kind}")
    if len(block) < BLOCK:
        doing = "in a header" if block else "where a header or the end mark belongs"
        return _Ended(blocks.offset, BLOCK - len(block), doing)
    if header is not None:
        return ShardError(f"member {header[0]!r} has a size of {header[2]} bytes")
    begins = block[:8].hex(" ")
    if first:
        return _NoTar(f"it begins with {begins}")
    told = f"found what looks like {kind}" if kind else f"found {begins}"
    return ShardError(f"expected a member's header, {told}; copy it again or repack it")


def _cut_short(where: str, end: _Ended, last: str) -> ShardError:
    if not end.offset:
        return ShardError(f"{where} is empty: expected a tar, got 0 bytes; copy it again")
    after = f" (the last one before it is {last!r})" if last else ""
    return ShardError(
        f"{where} is cut short: it ends at byte {end.offset}, {end.doing}{after}, at least "
        f"{end.missing} more bytes were expected; the samples before are good; copy it again or "
        "repack it"
    )


def _expect_only_zeros(blocks: Blocks) -> None:
    """Behind the end mark nothing may follow: two tars joined, or a hole of zeros in a copy."""
    while data := blocks.take(1 << 16):
        if data.count(0) != len(data):
            raise ShardError(
                "data follows its end mark: two tars joined, or a part of it was never copied; "
                "copy it again, or repack it by `tar --ignore-zeros`"
            )
    if blocks.broken is not None:
        raise _Ended(blocks.offset, 0, "behind the end mark")
