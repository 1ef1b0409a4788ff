"""Pixels: sixteen pixels at once as a tuple of vectors, one for each channel.

The number of channels is part of a tuple's type: the kernels that use these are written once and
compiled for gray, RGB and RGBA, with every channel in a register.  In memory channels lie as in an
image, interleaved, or as planes, `pitch` elements apart.
"""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, cgutils, intrinsic, types
from pixelmill_kernels._llvm import LANES
from pixelmill_kernels.simd import f32x16


@intrinsic
def take_pixels(typing: Untyped, image: Untyped, index: Untyped, like: Untyped) -> Untyped:
    """Sixteen interleaved pixels from the flat `index` on, as many channels as `like` has."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, image, args[0])
        pieces = [data.load(data.moved(args[1], n * LANES)) for n in range(like.count)]
        planes = [_llvm.picked(builder, pieces, c) for c in range(like.count)]
        wide = [_llvm.widened(builder, plane, types.float32) for plane in planes]
        return context.make_tuple(builder, like, wide)

    return like(image, types.intp, like), generate


@intrinsic
def put_pixels(typing: Untyped, image: Untyped, index: Untyped, values: Untyped) -> Untyped:
    """Write sixteen interleaved pixels: rounded (halves up) and clamped where levels are whole."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, image, args[0])
        planes = [
            _rounded(builder, value, image.dtype)
            for value in cgutils.unpack_tuple(builder, args[2], values.count)
        ]
        for n in range(values.count):
            data.store(data.moved(args[1], n * LANES), _interleaved(builder, planes, n))
        return context.get_dummy_value()

    return types.void(image, types.intp, values), generate


def _rounded(builder: Untyped, value: Untyped, dtype: Untyped) -> Untyped:
    if dtype != types.float32:
        value = builder.fadd(value, _llvm.constant(value.type, 0.5))
    return _llvm.narrowed(builder, value, dtype)


def _interleaved(builder: Untyped, planes: list[Untyped], piece: int) -> Untyped:
    """The sixteen elements from 16 * `piece` on of the planes woven together."""
    woven = planes[0]
    for channel, plane in enumerate(planes):
        places = [divmod(piece * LANES + j, len(planes)) for j in range(LANES)]
        lanes = [LANES + i if c == channel else j for j, (i, c) in enumerate(places)]
        if channel == 0:
            lanes = [i if c == 0 else 0 for i, c in places]
        woven = _llvm.shuffled(builder, woven, plane, lanes)
    return woven


@intrinsic
def load_pixels(
    typing: Untyped, planes: Untyped, index: Untyped, pitch: Untyped, like: Untyped
) -> Untyped:
    """Sixteen pixels from planes of float32, `pitch` elements apart."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, planes, args[0])
        at = data.steps(args[1], args[2], like.count)
        return context.make_tuple(builder, like, [data.load(index) for index in at])

    return like(planes, types.intp, types.intp, like), generate


@intrinsic
def store_pixels(
    typing: Untyped, planes: Untyped, index: Untyped, pitch: Untyped, values: Untyped
) -> Untyped:
    """Write sixteen pixels into planes of float32, `pitch` elements apart."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, planes, args[0])
        parts = cgutils.unpack_tuple(builder, args[3], values.count)
        for at, part in zip(data.steps(args[1], args[2], values.count), parts, strict=True):
            data.store(at, part)
        return context.get_dummy_value()

    return types.void(planes, types.intp, types.intp, values), generate


@intrinsic
def difference(typing: Untyped, left: Untyped, right: Untyped) -> Untyped:
    """The channels' absolute differences, added up (L1)."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        total = None
        for apart in _differences(builder, args, left.count):
            size = _llvm.call(builder, "fabs", apart)
            total = size if total is None else builder.fadd(total, size)
        return total

    return f32x16(left, right), generate


@intrinsic
def squared_difference(typing: Untyped, left: Untyped, right: Untyped) -> Untyped:
    """The squares of the channels' differences, added up (L2, squared)."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        total = None
        for apart in _differences(builder, args, left.count):
            if total is None:
                total = builder.fmul(apart, apart)
            else:
                total = _llvm.call(builder, "fma", apart, apart, total)
        return total

    return f32x16(left, right), generate


def _differences(builder: Untyped, args: Untyped, channels: int) -> list[Untyped]:
    left, right = (cgutils.unpack_tuple(builder, arg, channels) for arg in args)
    return [builder.fsub(a, b) for a, b in zip(left, right, strict=True)]


@intrinsic
def weigh_pixels(typing: Untyped, weight: Untyped, values: Untyped, totals: Untyped) -> Untyped:
    """totals + weight * values, rounded once."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        parts, sums = (cgutils.unpack_tuple(builder, arg, values.count) for arg in args[1:])
        done = [
            _llvm.call(builder, "fma", args[0], part, total)
            for part, total in zip(parts, sums, strict=True)
        ]
        return context.make_tuple(builder, values, done)

    return values(weight, values, totals), generate


@intrinsic
def divide_pixels(typing: Untyped, totals: Untyped, weight: Untyped) -> Untyped:
    """totals / weight, channel by channel."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        parts = cgutils.unpack_tuple(builder, args[0], totals.count)
        return context.make_tuple(builder, totals, [builder.fdiv(p, args[1]) for p in parts])

    return totals(totals, weight), generate
