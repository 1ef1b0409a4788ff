"""Halving: exact means of 2 x 2, 4 x 4 or 8 x 8 pixels, in whole numbers.

2, 4 or 8 source rows are added, and neighbouring pixels of the sum, until a row is as short as the
output's; then half the number of summands is added, and the sum is shifted: round half up, as the
formula in float64 does.
"""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

import numpy as np

from pixelmill_kernels import _llvm
from pixelmill_kernels._check import Array
from pixelmill_kernels._jit import Untyped, cgutils, intrinsic, ir, kernel, piece, types
from pixelmill_kernels.simd import LANES, fma, lanes_of, load, splat, store


@kernel
def _means(
    source: Array,
    target: Array,
    origin: tuple[int, int],
    rows: tuple[int, ...],
    one: tuple[int, ...],
    channels: tuple[int, ...],
    like: Array,
) -> None:
    """Fill `target` with means of the source from the pixel `origin` on.

    `rows` are the distances of the source rows that are added, 2, 4 or 8 of them; `one` is (0,);
    `channels` is as long as there are; `like` is an array of what the sums are kept in.
    """
    height, width, count = target.shape
    factor, block = len(rows), lanes_of(like)
    flat, out = source.reshape(source.size), target.reshape(target.size)
    pitch = source.shape[1] * count
    shift = 2 if factor == 2 else 4 if factor == 4 else 6
    # two lines: a row is read from the one and its half written to the other
    line = np.zeros((2, (width * factor // 2 + 2 * block) * count), like.dtype)
    short, long = line[0], line[1]
    for y in range(height):
        begin = (origin[0] + y * factor) * pitch + origin[1] * count
        if width < block:
            _few(flat, begin, rows, out, y * width * count, width, count, shift)
        elif factor == 2:
            _halve(flat, begin, rows, channels, like, out, y * width * count, width, shift)
        else:
            pixels = width * factor // 2
            _halve(flat, begin, rows, channels, like, long, 0, pixels, 0)
            if factor == 8:
                pixels = pixels // 2
                _halve(long, 0, one, channels, like, short, 0, pixels, 0)
                _halve(short, 0, one, channels, like, out, y * width * count, width, shift)
            else:
                _halve(long, 0, one, channels, like, out, y * width * count, width, shift)


@piece
def _halve(
    source: Array,
    begin: int,
    rows: tuple[int, ...],
    channels: tuple[int, ...],
    like: Array,
    target: Array,
    to: int,
    pixels: int,
    shift: int,
) -> None:
    """Make `pixels` pixels of twice as many in each of the rows; the last ones overlap."""
    block, count = lanes_of(like), len(channels)
    for x in range(0, pixels, block):
        x = min(x, pixels - block)
        halve(source, begin + 2 * x * count, rows, channels, like, target, to + x * count, shift)


@piece
def _few(
    source: Array,
    begin: int,
    rows: tuple[int, ...],
    target: Array,
    to: int,
    width: int,
    count: int,
    shift: int,
) -> None:
    """The same for a row that is shorter than a vector."""
    factor = len(rows)
    for i in range(width * count):
        x, c = i // count, i % count
        total = 1 << (shift - 1)
        for row in rows:
            for k in range(factor):
                total += int(source[begin + row + (x * factor + k) * count + c])
        target[to + i] = total >> shift


@kernel
def _means_of_bands(source: Array, target: Array, origin: tuple[int, int], factor: int) -> None:
    """The same for up to 16 channels, whose number it is not compiled for: a pixel at a time.

    In float32, which holds sums of 64 levels of 16 bits exactly, and their means too.
    """
    height, width, count = target.shape
    flat, out = source.reshape(source.size), target.reshape(target.size)
    pitch, size = source.shape[1] * count, width * count
    line = np.zeros(size * factor + LANES, np.float32)
    row = np.empty(size + LANES, target.dtype)
    share, half = splat(np.float32(1 / factor**2)), splat(np.float32(0.5))
    for y in range(height):
        begin = (origin[0] + y * factor) * pitch + origin[1] * count
        line[:] = np.float32(0)
        for start in range(begin, begin + factor * pitch, pitch):
            levels = flat[start : start + size * factor]
            for i in range(levels.size):
                line[i] += np.float32(levels[i])
        for o in range(0, size, count):
            total = load(line, o * factor)
            for k in range(1, factor):
                total = total + load(line, o * factor + k * count)
            store(row, o, fma(share, total, half))  # what is beyond is written over by the next
        out[y * size : (y + 1) * size] = row[:size]


@intrinsic
def halve(
    typing: Untyped,
    source: Untyped,
    begin: Untyped,
    rows: Untyped,
    channels: Untyped,
    like: Untyped,
    target: Untyped,
    to: Untyped,
    shift: Untyped,
) -> Untyped:
    """Add rows and each two neighbours: a vector's lanes of pixels of twice as many.

    Where the type of the target is not that of the sums they are rounded and shifted.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        sums, count = _llvm.full(like.dtype), channels.count
        data = _llvm.Memory(context, builder, source, args[0])
        out = _llvm.Memory(context, builder, target, args[5])
        offsets = cgutils.unpack_tuple(builder, args[2], rows.count)
        at = [builder.add(args[1], offset) for offset in offsets]
        for n in range(count):
            value = _pairs(data, at, n, count, sums)
            if target.dtype != like.dtype:
                value = _rounded(builder, value, args[7], _llvm.vector(target.dtype, sums.count))
            out.store(out.moved(args[6], n * sums.count), value)
        return context.get_dummy_value()

    signature = types.void(source, types.intp, rows, channels, like, target, types.intp, types.intp)
    return signature, generate


def _pairs(data: _llvm.Memory, at: list[Untyped], n: int, count: int, sums: Untyped) -> Untyped:
    """The n-th vector of the sums of neighbours, of `count` channels that lie side by side."""
    builder, lanes = data.builder, sums.count
    places = [(o // count) * 2 * count + o % count for o in range(n * lanes, (n + 1) * lanes)]
    # A vector from the first place on, and one that ends with the last: none lies between them.
    starts = places[0], places[-1] - lanes + 1
    totals = []
    for start in starts:
        total = ir.Constant(sums, [0] * lanes)
        for index in at:
            for neighbour in (0, count):
                levels = data.load(data.moved(index, start + neighbour), lanes)
                levels = builder.zext(levels, sums) if levels.type != sums else levels
                total = builder.add(total, levels)
        totals.append(total)
    chosen = [p - starts[0] if p - starts[0] < lanes else lanes + p - starts[1] for p in places]
    return _llvm.shuffled(builder, totals[0], totals[1], chosen)


def _rounded(builder: Untyped, value: Untyped, shift: Untyped, kind: Untyped) -> Untyped:
    shift = builder.trunc(shift, value.type.element)
    half = builder.shl(ir.Constant(shift.type, 1), builder.sub(shift, ir.Constant(shift.type, 1)))
    value = builder.add(value, _llvm.splat(builder, half, value.type.count))
    value = builder.lshr(value, _llvm.splat(builder, shift, value.type.count))
    return builder.trunc(value, kind)
