"""Channels: arithmetic on sixteen pixels, of which each channel is one vector of a tuple."""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, cgutils, intrinsic, types
from pixelmill_kernels.simd._vectors import f32x16


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


@intrinsic
def halves_up(typing: Untyped, values: Untyped, array: Untyped) -> Untyped:
    """Half a level more where those of the array are whole: what is cut then, is rounded."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        if array.dtype == types.float32:
            return args[0]
        parts = cgutils.unpack_tuple(builder, args[0], values.count)
        half = _llvm.constant(parts[0].type, 0.5)
        return context.make_tuple(builder, values, [builder.fadd(part, half) for part in parts])

    return values(values, array), generate
