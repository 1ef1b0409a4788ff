"""Vectors for kernels: Numba types that are LLVM vectors of 16 lanes, and what is done with them.

Numba's own vectoriser gives up on interleaved bytes: a plain loop of the resize ran at a ninth of
the speed.  The functions below write the vector instructions themselves.  They say nothing of a
machine: LLVM lowers 16 floats to one AVX-512 register, two of AVX2 or four of SSE and NEON, and
every lane is computed alone and rounded once, so that the bytes are the same on all of them.

Two kinds of numbers are computed with: float32, and int16 for what has 8 bits (see `_separable`).
All addresses are an array and a flat index into it, in elements; nothing is checked in the loop.
"""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from typing import NamedTuple

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import (
    Untyped,
    cgutils,
    compiled_for,
    intrinsic,
    models,
    register_model,
    types,
)
from pixelmill_kernels._llvm import LANES

__all__ = [
    "LANES",
    "Target",
    "add",
    "channels_of",
    "describe",
    "fma",
    "load",
    "load_all",
    "prefetch",
    "splat",
    "splat_all",
    "splat_at",
    "store",
    "store_all",
    "target",
    "transpose",
    "weigh_all",
    "widen",
    "width",
]


class Vector(types.Type):  # type: ignore[misc]  # Numba's classes carry no types
    """Sixteen numbers of one dtype in vector registers."""

    def __init__(self, dtype: Untyped) -> None:
        self.dtype = dtype
        super().__init__(name=f"Vector({dtype})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]  # as above
    def __init__(self, manager: Untyped, kind: Untyped) -> None:
        super().__init__(manager, kind, _llvm.vector(kind.dtype))


f32x16 = Vector(types.float32)
i16x16 = Vector(types.int16)
_VECTORS = {types.float32: f32x16, types.int16: i16x16}


@intrinsic
def splat(typing: Untyped, scalar: Untyped) -> Untyped:
    """The float32 or int16 `scalar` in every lane."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return _llvm.splat(builder, args[0])

    return _VECTORS[scalar](scalar), generate


@intrinsic
def splat_all(typing: Untyped, scalars: Untyped) -> Untyped:
    """A tuple of vectors: each of `scalars` in every lane of its own."""
    result = types.UniTuple(_VECTORS[scalars.dtype], scalars.count)

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        parts = cgutils.unpack_tuple(builder, args[0], scalars.count)
        return context.make_tuple(builder, result, [_llvm.splat(builder, part) for part in parts])

    return result(scalars), generate


@intrinsic
def splat_at(typing: Untyped, array: Untyped, index: Untyped) -> Untyped:
    """One element of `array` in every lane."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, array, args[0])
        return _llvm.splat(builder, data.load(args[1], 1))

    return _VECTORS[array.dtype](array, types.intp), generate


@intrinsic
def load(typing: Untyped, array: Untyped, index: Untyped) -> Untyped:
    """16 elements of a uint8, uint16 or float32 array, as float32."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        value = _llvm.Memory(context, builder, array, args[0]).load(args[1])
        return _llvm.widened(builder, value, types.float32)

    return f32x16(array, types.intp), generate


@intrinsic
def store(typing: Untyped, array: Untyped, index: Untyped, value: Untyped) -> Untyped:
    """Write 16 numbers into an array, clamped to the array's range and cut to whole levels."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        levels = _llvm.narrowed(builder, args[2], array.dtype)
        _llvm.Memory(context, builder, array, args[0]).store(args[1], levels)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), generate


@intrinsic
def widen(
    typing: Untyped, source: Untyped, index: Untyped, target: Untyped, begin: Untyped
) -> Untyped:
    """Copy 16 levels into an array of float32, or of int16 as 128ths of a level."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        value = _llvm.Memory(context, builder, source, args[0]).load(args[1])
        value = _llvm.widened(builder, value, target.dtype)
        _llvm.Memory(context, builder, target, args[2]).store(args[3], value)
        return context.get_dummy_value()

    return types.void(source, types.intp, target, types.intp), generate


@intrinsic
def prefetch(typing: Untyped, array: Untyped, index: Untyped) -> Untyped:
    """Ask for the cache line of an element, which need not exist."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        _llvm.Memory(context, builder, array, args[0]).prefetch(args[1])
        return context.get_dummy_value()

    return types.void(array, types.intp), generate


@intrinsic
def add(typing: Untyped, left: Untyped, right: Untyped) -> Untyped:
    """left + right, float32."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return builder.fadd(*args)

    return f32x16(f32x16, f32x16), generate


@intrinsic
def fma(typing: Untyped, weight: Untyped, value: Untyped, total: Untyped) -> Untyped:
    """total + weight * value, rounded once, on machines without the instruction too."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return _llvm.weighed(builder, *args)

    return f32x16(f32x16, f32x16, f32x16), generate


@intrinsic
def weigh_all(
    typing: Untyped, weight: Untyped, array: Untyped, index: Untyped, totals: Untyped
) -> Untyped:
    """A tuple of vectors: totals[n] + weight * the vector at `index` + 16 n.

    float32: rounded once.  int16: the upper half of the product.  One function serves any number
    of sums: the length of the tuple is part of its type.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, array, args[1])
        sums = [
            _llvm.weighed(builder, args[0], data.load(data.moved(args[2], n * LANES)), total)
            for n, total in enumerate(cgutils.unpack_tuple(builder, args[3], totals.count))
        ]
        return context.make_tuple(builder, totals, sums)

    return totals(weight, array, types.intp, totals), generate


@intrinsic
def load_all(typing: Untyped, array: Untyped, index: Untyped, like: Untyped) -> Untyped:
    """As many vectors as the tuple `like` has, one after the other."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, array, args[0])
        values = [data.load(data.moved(args[1], n * LANES)) for n in range(like.count)]
        return context.make_tuple(builder, like, values)

    return like(array, types.intp, like), generate


@intrinsic
def store_all(typing: Untyped, array: Untyped, index: Untyped, values: Untyped) -> Untyped:
    """Write a tuple of vectors into an array of their dtype, one after the other."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, array, args[0])
        for n, value in enumerate(cgutils.unpack_tuple(builder, args[2], values.count)):
            data.store(data.moved(args[1], n * LANES), value)
        return context.get_dummy_value()

    return types.void(array, types.intp, values), generate


@intrinsic
def transpose(
    typing: Untyped,
    source: Untyped,
    start: Untyped,
    stride: Untyped,
    target: Untyped,
    begin: Untyped,
    pitch: Untyped,
) -> Untyped:
    """Turn the 16 x 16 numbers at `source[start]` into the columns of `target[begin]`.

    Row r is read at start + r * stride; column r is written at begin + r * pitch, clamped and cut
    as `store` does.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, source, args[0])
        turned = _llvm.transposed(data, args[1], args[2], target.dtype)
        to = _llvm.Memory(context, builder, target, args[3])
        for row, index in zip(turned, to.steps(args[4], args[5], LANES), strict=True):
            to.store(index, row)
        return context.get_dummy_value()

    return types.void(source, types.intp, types.intp, target, types.intp, types.intp), generate


def channels_of(channels: int) -> Untyped:
    """An intrinsic `(array, index) -> channels x float32 vector` that takes 16 pixels apart."""

    @intrinsic
    def load_channels(typing: Untyped, array: Untyped, index: Untyped) -> Untyped:
        result = types.UniTuple(f32x16, channels)

        def generate(
            context: Untyped, builder: Untyped, signature: Untyped, args: Untyped
        ) -> Untyped:
            data = _llvm.Memory(context, builder, array, args[0])
            pieces = [data.load(data.moved(args[1], n * LANES)) for n in range(channels)]
            planes = [_llvm.picked(builder, pieces, c) for c in range(channels)]
            wide = [_llvm.widened(builder, plane, types.float32) for plane in planes]
            return context.make_tuple(builder, result, wide)

        return result(array, types.intp), generate

    return load_channels


class Target(NamedTuple):
    """What kernels are compiled for: the processor, its vectors, and whether fma is one step."""

    cpu: str
    bits: int
    fma: bool


def target() -> Target:
    """The machine as LLVM sees it; NUMBA_CPU_NAME and NUMBA_CPU_FEATURES change it."""
    cpu, text = compiled_for()
    features = set(text.split(","))
    widths = (("+avx512bw", 512), ("+avx2", 256), ("+avx", 256))
    bits = next((bits for name, bits in widths if name in features), 128)
    return Target(cpu, bits, "+fma" in features or "+neon" in features)


def describe() -> str:
    """The same in words: "256-bit vectors, fma, znver3"."""
    cpu, bits, fma_ = target()
    return f"{bits}-bit vectors, {'fma' if fma_ else 'no fma (slow)'}, {cpu}"


def width() -> int:
    """Bits of the widest vector that kernels use here."""
    return target().bits
