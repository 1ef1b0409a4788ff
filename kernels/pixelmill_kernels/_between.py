"""Reading between pixels: sixteen places at once, each with the pixels around it.

Places are scattered, but the pixels of one row around a place lie side by side.  So each place is
one or two loads, and a network of shuffles turns the sixteen rows of pixels into vectors that hold
one channel of one neighbour for all sixteen places.
"""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, cgutils, intrinsic, ir, types
from pixelmill_kernels._llvm import LANES
from pixelmill_kernels._places import _FLOATS
from pixelmill_kernels.simd import f32x16

BLOCK = 128  # bits that every machine loads at once


@intrinsic
def weights_of(typing: Untyped, fraction: Untyped, like: Untyped) -> Untyped:
    """How much the neighbours of a place weigh, as many as the tuple `like` has.

    The place lies `fraction` beyond the last one on its left.  2: 1 - distance.  4: Keys 1981 with
    a = -0.5.
    """
    result = types.UniTuple(f32x16, like.count)

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        t, u = args[0], builder.fsub(_numbers(1.0), args[0])
        if like.count == 2:
            weights = [u, t]
        else:
            inner, outer = (
                [_inner(builder, d) for d in (t, u)],
                [_outer(builder, t, u), _outer(builder, u, t)],
            )
            weights = [outer[0], *inner, outer[1]]
        return context.make_tuple(builder, result, weights)

    return result(f32x16, like), generate


@intrinsic
def begin(typing: Untyped, values: Untyped, share: Untyped, half: Untyped) -> Untyped:
    """A tuple of vectors, one a channel: half + values[c] * share."""
    result = types.UniTuple(f32x16, values.count)

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        start = _llvm.splat(builder, args[2])
        levels = cgutils.unpack_tuple(builder, args[0], values.count)
        sums = [
            _llvm.weighed(builder, args[1], _llvm.splat(builder, level), start) for level in levels
        ]
        return context.make_tuple(builder, result, sums)

    return result(values, f32x16, half), generate


@intrinsic
def add_around(
    typing: Untyped,
    source: Untyped,
    places: Untyped,
    index: Untyped,
    pitch: Untyped,
    across: Untyped,
    down: Untyped,
    totals: Untyped,
) -> Untyped:
    """Add to sums, one a channel, the weighed pixels around each of sixteen places.

    The first pixel of row r begins at places[index + n] + r * pitch; pixel k of the row weighs
    across[k] * down[r].
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data, where = (
            _llvm.Memory(context, builder, kind, array)
            for kind, array in ((source, args[0]), (places, args[1]))
        )
        taps = across.count
        shares, heights, sums = (
            cgutils.unpack_tuple(builder, arg, kind.count)
            for arg, kind in ((args[4], across), (args[5], down), (args[6], totals))
        )
        at = [where.load(where.moved(args[2], n), 1) for n in range(LANES)]
        for height in heights:
            levels = _levels(builder, data, at, taps * len(sums))
            for c in range(len(sums)):
                line = builder.fmul(shares[0], levels[c])
                for k in range(1, taps):
                    line = _llvm.weighed(builder, shares[k], levels[k * len(sums) + c], line)
                sums[c] = _llvm.weighed(builder, height, line, sums[c])
            at = [builder.add(place, args[3]) for place in at]
        return context.make_tuple(builder, totals, sums)

    index = types.intp
    return totals(source, places, index, index, across, down, totals), generate


@intrinsic
def store_pixels(typing: Untyped, target: Untyped, index: Untyped, planes: Untyped) -> Untyped:
    """Write sixteen pixels from a tuple of channels, clamped and cut to whole levels."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        parts = [
            _llvm.narrowed(builder, plane, target.dtype)
            for plane in cgutils.unpack_tuple(builder, args[2], planes.count)
        ]
        data = _llvm.Memory(context, builder, target, args[0])
        for n, piece in enumerate(_interleaved(builder, parts)):
            data.store(data.moved(args[1], n * LANES), piece)
        return context.get_dummy_value()

    return types.void(target, types.intp, planes), generate


def _levels(builder: Untyped, data: _llvm.Memory, at: list[Untyped], count: int) -> list[Untyped]:
    """The first `count` levels at each of sixteen places, as float32 vectors of one level each.

    Nothing beyond them is read: where `count` is no power of two, the last two loads overlap.
    """
    wide = min(1 << (count.bit_length() - 1), BLOCK // data.dtype.bitwidth)
    starts = [min(start, count - wide) for start in range(0, count, wide)]
    rows = []
    for place in at:
        parts = [data.load(data.moved(place, start), wide) for start in starts]
        while len(parts) & (len(parts) - 1):
            parts.append(parts[-1])
        while len(parts) > 1:
            pairs = zip(parts[::2], parts[1::2], strict=True)
            parts = [_llvm.joined(builder, low, high) for low, high in pairs]
        rows.append(parts[0])
    columns = _turned(builder, rows)
    chosen = [columns[e // wide * wide + e - starts[e // wide]] for e in range(count)]
    return [_llvm.widened(builder, column, types.float32) for column in chosen]


def _turned(builder: Untyped, rows: list[Untyped]) -> list[Untyped]:
    """The columns of sixteen rows of 2, 4, 8 or 16 lanes."""
    while rows[0].type.count < LANES:
        wide, half = rows[0].type.count, len(rows) // 2
        lanes = [n // 2 + wide * (n % 2) for n in range(2 * wide)]
        rows = [_llvm.shuffled(builder, rows[i], rows[i + half], lanes) for i in range(half)]
    return _llvm.unpacked(builder, rows, LANES)


def _interleaved(builder: Untyped, planes: list[Untyped]) -> list[Untyped]:
    """Sixteen pixels in the order of memory."""
    if len(planes) != 3:
        return _llvm.unpacked(builder, planes, LANES)
    pieces = []
    for start in range(0, 3 * LANES, LANES):
        places = [divmod(start + n, 3) for n in range(LANES)]
        two = [pixel + LANES * (channel == 1) for pixel, channel in places]
        pair = _llvm.shuffled(builder, planes[0], planes[1], two)
        three = [LANES + pixel if c == 2 else n for n, (pixel, c) in enumerate(places)]
        pieces.append(_llvm.shuffled(builder, pair, planes[2], three))
    return pieces


def _inner(builder: Untyped, t: Untyped) -> Untyped:
    """1 + t t (1.5 t - 2.5), of a pixel at the distance t < 1."""
    slope = builder.fsub(builder.fmul(_numbers(1.5), t), _numbers(2.5))
    return builder.fadd(_numbers(1.0), builder.fmul(builder.fmul(t, t), slope))


def _outer(builder: Untyped, t: Untyped, u: Untyped) -> Untyped:
    """-0.5 t u u, of a pixel at the distance 1 + t, u being 1 - t."""
    return builder.fmul(builder.fmul(_numbers(-0.5), t), builder.fmul(u, u))


def _numbers(value: float) -> Untyped:
    return ir.Constant(_FLOATS, [value] * LANES)
