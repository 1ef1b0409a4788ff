"""Pixels: sixteen at once as a tuple of vectors, one for each channel.

The number of channels is part of a tuple's type: the kernels that use these are written once and
compiled for gray, RGB and RGBA, with every channel in a register.  In memory channels lie as in an
image, interleaved, or as planes, `pitch` elements apart.
"""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, cgutils, intrinsic, types
from pixelmill_kernels._llvm import LANES
from pixelmill_kernels.simd._vectors import f32x16

RGB, RGBA = (0,) * 3, (0,) * 4  # a `like` is any tuple of so many


@intrinsic
def load_pixels(typing: Untyped, image: Untyped, index: Untyped, like: Untyped) -> Untyped:
    """Sixteen interleaved pixels from the flat `index` on, as many channels as `like` has."""
    result = types.UniTuple(f32x16, like.count)

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, image, args[0])
        pieces = [data.load(data.moved(args[1], n * LANES)) for n in range(like.count)]
        planes = [_llvm.picked(builder, pieces, c) for c in range(like.count)]
        wide = [_llvm.widened(builder, plane, types.float32) for plane in planes]
        return context.make_tuple(builder, result, wide)

    return result(image, types.intp, like), generate


@intrinsic
def store_pixels(typing: Untyped, image: Untyped, index: Untyped, values: Untyped) -> Untyped:
    """Write sixteen interleaved pixels, clamped to the array's range and cut to whole levels."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, image, args[0])
        wide = cgutils.unpack_tuple(builder, args[2], values.count)
        planes = [_llvm.narrowed(builder, plane, image.dtype) for plane in wide]
        for n, piece in enumerate(_llvm.woven_pixels(builder, planes)):
            data.store(data.moved(args[1], n * LANES), piece)
        return context.get_dummy_value()

    return types.void(image, types.intp, values), generate


@intrinsic
def load_planes(
    typing: Untyped, planes: Untyped, index: Untyped, pitch: Untyped, like: Untyped
) -> Untyped:
    """Sixteen pixels from planes of float32, `pitch` elements apart."""
    result = types.UniTuple(f32x16, like.count)

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, planes, args[0])
        at = data.steps(args[1], args[2], like.count)
        return context.make_tuple(builder, result, [data.load(index) for index in at])

    return result(planes, types.intp, types.intp, like), generate


@intrinsic
def store_planes(
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
