"""Storing: the last step of `_separable`, from sums to an image or to a network's input."""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from pixelmill_kernels import _llvm
from pixelmill_kernels._check import Array
from pixelmill_kernels._jit import Untyped, cgutils, intrinsic, piece, types
from pixelmill_kernels.simd import LANES, fma, lanes_of, load, store_float, turn_back


@intrinsic
def settle_all(
    typing: Untyped,
    array: Untyped,
    index: Untyped,
    hop: Untyped,
    sums: Untyped,
    shift: Untyped,
) -> Untyped:
    """Write a tuple of vectors as levels, `hop` elements apart, clamped to the array's range.

    float32 are cut to whole levels; int16 are shifted right to become such, and 128 is added.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, array, args[0])
        vectors = cgutils.unpack_tuple(builder, args[3], sums.count)
        places = data.steps(args[1], args[2], sums.count)
        for place, value in zip(places, vectors, strict=True):
            if sums.dtype.dtype == types.int16:
                data.store(place, _llvm.levelled(builder, value, args[4]))
            else:
                data.store(place, _llvm.narrowed(builder, value, array.dtype))
        return context.get_dummy_value()

    return types.void(array, types.intp, types.intp, sums, types.intp), generate


@intrinsic
def move(
    typing: Untyped, source: Untyped, index: Untyped, target: Untyped, begin: Untyped
) -> Untyped:
    """Copy 16 elements."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        value = _llvm.Memory(context, builder, source, args[0]).load(args[1])
        _llvm.Memory(context, builder, target, args[2]).store(args[3], value)
        return context.get_dummy_value()

    return types.void(source, types.intp, target, types.intp), generate


@piece
def _store_whole(
    columns: Array,
    tile: Array,
    channels: int,
    target: Array,
    begin: int,
    places: tuple[int, int, int],
) -> None:
    """Turn back a whole tile of levels and store it from target[begin] on."""
    for c in range(0, LANES * channels, lanes_of(tile) // 4):
        turn_back(columns, tile, c * lanes_of(columns), target, begin + c, places[0])


@piece
def _turn_back(columns: Array, tile: Array, channels: int, edge: Array) -> None:
    wide = LANES * channels
    for c in range(0, wide, lanes_of(tile) // 4):
        turn_back(columns, tile, c * lanes_of(columns), edge, c, wide)


@piece
def _store_rows(
    edge: Array,
    rows: int,
    channels: int,
    target: Array,
    begin: int,
    places: tuple[int, int, int],
    gain: Array | None,
    bias: Array | None,
) -> None:
    hop = LANES if places[1] > 1 or channels == 1 else places[2]
    for c in range(channels):
        i, o = c * LANES, begin + c * hop
        if gain is not None:  # in registers for all rows: a store might have changed what it is
            scale, shift = load(gain, i), load(bias, i)
        for _ in range(rows):
            if gain is None:
                move(edge, i, target, o)
            else:
                store_float(target, o, fma(scale, load(edge, i), shift))
            i, o = i + channels * LANES, o + places[0]


@piece
def _store_few(
    edge: Array,
    rows: int,
    pixels: int,
    channels: int,
    ends: Array,
    target: Array,
    begin: int,
    places: tuple[int, int, int],
    gain: Array | None,
    bias: Array | None,
) -> None:
    """The same for an image of less than 16 pixels a row."""
    together = places[1] > 1 or channels == 1
    for r in range(rows):
        o = begin + r * places[0]
        for c in range(0, channels * LANES, LANES):
            _paint(edge, r * channels * LANES + c, ends, c, gain, bias, c)
        for p in range(pixels):
            for c in range(channels):
                i = p * channels + c if together else c * LANES + p
                target[o + p * places[1] + c * places[2]] = ends[i]


@piece
def _paint(
    edge: Array,
    i: int,
    target: Array,
    o: int,
    gain: Array | None,
    bias: Array | None,
    c: int,
) -> None:
    """Copy 16 levels, or normalize them on the way."""
    if gain is None:
        move(edge, i, target, o)
    else:
        store_float(target, o, fma(load(gain, c), load(edge, i), load(bias, c)))
