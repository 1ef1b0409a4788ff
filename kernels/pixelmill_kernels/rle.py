"""Run-length masks as COCO keeps them: how many pixels are out, in, out ... column after column.

A mask of shape (height, width) is read from the top left down each column.  `counts` begin with
pixels that are out, be it none, and sum to height x width.  Their text is that of pycocotools,
byte for byte: each count, from the fourth on less the one two before it, in 6-bit characters.
"""

import numpy as np

from pixelmill_kernels._check import Array, for_reading
from pixelmill_kernels._jit import Untyped, kernel

__all__ = [
    "area",
    "box",
    "decode",
    "encode",
    "expect_counts",
    "from_text",
    "pick",
    "to_text",
    "union",
]

_u64: Untyped = np.uint64
_i64: Untyped = np.int64
# eight pixels looked at in one go; a byte that is 0 is the only one that borrows into its top bit
_ONES, _TOPS = np.uint64(0x0101010101010101), np.uint64(0x8080808080808080)
_FIRST = 48  # the character of 0: maskApi.c
_RISING, _FALLING, _MIXED, _HOLES = range(4)  # how rows that are picked follow one another
_LONGEST = 7  # characters of 5 bits for 32 and a sign


def encode(mask: Array) -> Array:
    """The runs of a mask.

    Parameters
    ----------
    mask : uint8 or bool, shape (height, width)
        What is not 0 is in.  Fortran order, as `decode` returns it, is read without a copy.

    Returns
    -------
    uint32, shape (runs,)
    """
    if mask.dtype not in (np.uint8, np.bool_):
        raise TypeError(f"mask must be uint8 or bool, got {mask.dtype}")
    if mask.ndim != 2 or mask.size == 0:
        raise ValueError(f"mask must have shape (height, width), got {mask.shape}")
    flat = for_reading(np.ascontiguousarray(mask.T).view(np.uint8).reshape(-1))
    counts = np.empty(_runs(flat), np.uint32)
    _encode(flat, counts)
    return counts


def decode(counts: Array, size: tuple[int, int], out: Array | None = None) -> Array:
    """The mask of runs: uint8, shape `size` (height, width), 0 and 1, in Fortran order."""
    counts = expect_counts(counts, size)
    if out is None:
        out = np.zeros(size, np.uint8, order="F")
    elif out.shape != tuple(size) or out.dtype != np.uint8 or not out.flags.f_contiguous:
        raise ValueError(f"out must be uint8 of shape {tuple(size)} in Fortran order")
    else:
        out[:] = 0
    _decode(counts, out.T.reshape(-1))
    return out


def area(counts: Array) -> int:
    """How many pixels are in."""
    if counts.dtype != np.uint32 or counts.ndim != 1:
        raise TypeError(f"counts must be uint32 of one axis, got {counts.dtype}")
    return int(_sum(for_reading(counts), 1, 2))


def box(counts: Array, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """(x, y, width, height) around the pixels that are in; zeros where none is."""
    left, top, right, bottom = _box(expect_counts(counts, size), size[0])
    return left, top, right - left, bottom - top


def pick(counts: Array, size: tuple[int, int], rows: Array, columns: Array) -> Array:
    """The runs of `mask[rows][:, columns]`, without the mask: crops, flips, and nearest resizes.

    Parameters
    ----------
    counts : uint32, shape (runs,)
    size : (height, width)
    rows : int32, shape (any,)
        Rows of the mask, never falling or never rising; -1, at the ends only, is outside: all out.
    columns : int32, shape (any,)
        Columns of the mask in any order; -1 is outside.

    Returns
    -------
    uint32, shape (runs,)
    """
    counts = expect_counts(counts, size)
    for name, places, side in (("rows", rows, size[0]), ("columns", columns, size[1])):
        if places.dtype != np.int32 or places.ndim != 1 or places.size == 0:
            raise TypeError(f"{name} must be int32 of one axis and not empty")
        if not _all_within(for_reading(places), side):
            raise ValueError(f"{name} must be -1 to {side - 1}")
    spans, starts = np.empty(size[0] + 1, np.int64), np.empty(size[1] + 1, np.int64)
    order = _spans(for_reading(rows), spans)
    if order == _MIXED:
        raise ValueError("rows must never fall, or never rise")
    if order == _HOLES:
        raise ValueError("rows may be outside, -1, at the ends only")
    columns = for_reading(columns)
    out = np.empty(_columns(counts, size[0], columns, starts), np.uint32)
    tall, rising = rows.size, order == _RISING
    return out[: _pick(counts, size[0], starts, spans, columns, tall, rising, out)].copy()


def union(one: Array, other: Array) -> Array:
    """The runs of what is in either of two masks of one size."""
    one, other = for_reading(one), for_reading(other)
    if _sum(one, 0, 1) != _sum(other, 0, 1):
        raise ValueError("counts of two sizes: their sums must agree")
    out = np.empty(one.size + other.size + 1, np.uint32)
    return out[: _union(one, other, out)].copy()


def to_text(counts: Array) -> bytes:
    """The compressed text of runs, ASCII."""
    out = np.empty(_LONGEST * counts.size, np.uint8)
    return out[: _to_text(for_reading(counts), out)].tobytes()


def from_text(text: bytes) -> Array:
    """The runs of a compressed text; ValueError where it is none."""
    characters = np.frombuffer(bytearray(text), np.uint8)  # one that may be written: `for_reading`
    out = np.empty(characters.size, np.uint32)
    found = _from_text(characters, out)
    if found < 0:
        raise ValueError(f"not the text of a run-length mask at character {-found - 1}")
    return out[:found].copy()


def expect_counts(counts: Array, size: tuple[int, int]) -> Array:
    """The runs as kernels take them; TypeError or ValueError where they are none of that size."""
    if counts.dtype != np.uint32 or counts.ndim != 1:
        raise TypeError(f"counts must be uint32 of one axis, got {counts.dtype}")
    counts = for_reading(np.ascontiguousarray(counts))
    total = _sum(counts, 0, 1)
    if min(size) < 1 or total != size[0] * size[1]:
        raise ValueError(
            f"counts sum to {total}, and a mask of {size[0]} x {size[1]} (height x width) has "
            f"{size[0] * size[1]} pixels"
        )
    return counts


@kernel
def _sum(counts: Array, first: int, step: int) -> int:
    total = _i64(0)
    for n in range(first, counts.size, step):
        total += _i64(counts[n])
    return int(total)


@kernel
def _runs(flat: Array) -> int:
    runs, before = 1, False
    for i in range(flat.size):
        inside = flat[i] != 0
        runs += inside != before
        before = inside
    return runs


@kernel
def _encode(flat: Array, counts: Array) -> None:
    words = flat[: flat.size // 8 * 8].view(np.uint64)
    inside, began, n, i = False, 0, 0, 0
    while i < flat.size:
        if i % 8 == 0 and i + 8 <= flat.size:
            word = words[_u64(i // 8)]
            if (word == 0) if not inside else ((word - _ONES) & ~word & _TOPS == 0):
                i += 8
                continue
        if (flat[_u64(i)] != 0) != inside:
            counts[n] = i - began
            n, began, inside = n + 1, i, not inside
        i += 1
    counts[n] = flat.size - began


@kernel
def _decode(counts: Array, flat: Array) -> None:
    at = _i64(0)
    for n in range(0, counts.size - 1, 2):
        at += _i64(counts[n])
        end = at + _i64(counts[n + 1])
        flat[at:end] = 1
        at = end


@kernel
def _box(counts: Array, height: int) -> tuple[int, int, int, int]:
    left, top, right, bottom, at = _i64(-1), _i64(height), _i64(0), _i64(0), _i64(0)
    for n in range(0, counts.size - 1, 2):
        at += _i64(counts[n])
        end = at + _i64(counts[n + 1])
        if end > at:
            if left < 0:
                left = at // height
            right = (end - 1) // height + 1
            if right - 1 > at // height:  # the run goes on in the next column
                top, bottom = _i64(0), _i64(height)
            else:
                top = min(top, at % height)
                bottom = max(bottom, (end - 1) % height + 1)
        at = end
    if left < 0:
        return 0, 0, 0, 0
    return left, top, right, bottom


@kernel
def _all_within(places: Array, side: int) -> bool:
    good = True
    for place in places:
        good = good and -1 <= place < side
    return good


@kernel
def _spans(rows: Array, spans: Array) -> int:
    """Where among those picked each row, and the end of the last, begins; and their order."""
    first, end = 0, rows.size
    while first < end and rows[first] < 0:
        first += 1
    while end > first and rows[end - 1] < 0:
        end -= 1
    rising = falling = True
    for i in range(first, end):
        if rows[i] < 0:
            return _HOLES
        if i > first:
            rising = rising and rows[i] >= rows[i - 1]
            falling = falling and rows[i] <= rows[i - 1]
    if not rising and not falling:
        return _MIXED
    at = first if rising else end
    for row in range(spans.size):
        if rising:
            while at < end and rows[at] < row:
                at += 1
        else:
            while at > first and rows[at - 1] < row:
                at -= 1
        spans[row] = at
    return _RISING if rising else _FALLING


@kernel
def _columns(counts: Array, height: int, columns: Array, starts: Array) -> int:
    """The run that each column begins in, and the last one; how many runs may be picked."""
    at, column = _i64(0), 0
    for n in range(counts.size):
        at += _i64(counts[n])
        while column * height < at and column < starts.size - 1:
            starts[column] = n
            column += 1
    while column < starts.size:
        starts[column] = counts.size - 1
        column += 1
    most = 3
    for place in columns:
        most += 2 if place < 0 else starts[place + 1] - starts[place] + 4
    return most


@kernel
def _pick(
    counts: Array,
    height: int,
    starts: Array,
    spans: Array,
    columns: Array,
    tall: int,
    rising: bool,
    out: Array,
) -> int:
    ends = np.empty(counts.size, np.int64)
    at = _i64(0)
    for n in range(counts.size):
        at += _i64(counts[n])
        ends[n] = at
    # `last` is where the run that is being written began, `last_end` where one that is in ends
    runs, last, last_end, inside = 0, _i64(0), _i64(0), False
    for x in range(columns.size):
        column = _i64(columns[x])
        base = x * tall
        if column < 0:
            if inside:
                out[runs] = base - last
                runs, last, inside = runs + 1, base, False
            continue
        low, high = column * height, (column + 1) * height
        first = starts[column]
        stop = first
        while ends[stop] < high:
            stop += 1
        for k in range(stop - first + 1):
            n = first + k if rising else stop - k
            if n % 2 == 0:
                continue  # pixels that are out
            from_row = max(ends[n - 1], low) - low
            to_row = min(ends[n], high) - low
            if rising:
                begin, end = base + spans[from_row], base + spans[to_row]
            else:
                begin, end = base + spans[to_row], base + spans[from_row]
            if end <= begin:
                continue
            if inside and begin > last_end:
                out[runs] = last_end - last
                runs, last, inside = runs + 1, last_end, False
            if not inside:
                out[runs] = begin - last
                runs, last, inside = runs + 1, begin, True
            last_end = end
        if inside and last_end < base + tall:
            out[runs] = last_end - last
            runs, last, inside = runs + 1, last_end, False
    out[runs] = columns.size * tall - last
    return runs + 1


@kernel
def _union(one: Array, other: Array, out: Array) -> int:
    total = _i64(_sum(one, 0, 1))
    a, b = _i64(one[0]), _i64(other[0])  # where each changes next
    i, j, runs, at, inside = 0, 0, 0, _i64(0), False
    while min(a, b) < total:
        here = min(a, b)
        if a == here:
            i += 1
            a += _i64(one[i])
        else:
            j += 1
            b += _i64(other[j])
        now = i % 2 == 1 or j % 2 == 1
        if now != inside and min(a, b) > here:  # else it changes again in the same place
            out[runs] = here - at
            runs, at, inside = runs + 1, here, now
    if at < total:
        out[runs] = total - at
        runs += 1
    return runs


@kernel
def _to_text(counts: Array, out: Array) -> int:
    at = 0
    for n in range(counts.size):
        value = _i64(counts[n])
        if n > 2:
            value -= _i64(counts[n - 2])
        more = True
        while more:
            five = value & 31
            value >>= 5
            more = value != -1 if five & 16 else value != 0
            out[at] = (five | 32 if more else five) + _FIRST
            at += 1
    return at


@kernel
def _from_text(text: Array, out: Array) -> int:
    """How many runs; -1 less the place of what is wrong."""
    at, runs = 0, 0
    while at < text.size:
        value, bits, more = _i64(0), 0, True
        while more:
            if at >= text.size or not _FIRST <= text[at] < _FIRST + 64 or bits > 35:
                return -1 - at
            five = _i64(text[at]) - _FIRST
            value |= (five & 31) << bits
            more = (five & 32) != 0
            at, bits = at + 1, bits + 5
            if not more and five & 16:
                value |= _i64(-1) << bits
        if runs > 2:
            value += _i64(out[runs - 2])
        if not 0 <= value < 2**32:
            return -at
        out[runs] = value
        runs += 1
    return runs
