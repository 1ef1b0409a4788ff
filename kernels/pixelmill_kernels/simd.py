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
    "lanes_of",
    "load",
    "load_all",
    "prefetch",
    "splat",
    "splat_all",
    "splat_at",
    "store",
    "store_all",
    "store_channels_of",
    "target",
    "weigh_all",
    "widen_all",
    "width",
]


class Vector(types.Type):  # type: ignore[misc]  # Numba's classes carry no types
    """Sixty-four bytes of numbers of one dtype in vector registers."""

    def __init__(self, dtype: Untyped) -> None:
        self.dtype = dtype
        super().__init__(name=f"Vector({dtype})")


@register_model(Vector)
class _VectorModel(models.PrimitiveModel):  # type: ignore[misc]  # as above
    def __init__(self, manager: Untyped, kind: Untyped) -> None:
        super().__init__(manager, kind, _llvm.full(kind.dtype))


f32x16 = Vector(types.float32)
i16x32 = Vector(types.int16)
_VECTORS = {types.float32: f32x16, types.int16: i16x32}


@intrinsic
def lanes_of(typing: Untyped, array: Untyped) -> Untyped:
    """How many of the array's elements are 64 bytes, as a constant of the compiled code."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return context.get_constant(types.intp, _llvm.full(array.dtype).count)

    return types.intp(array), generate


@intrinsic
def splat(typing: Untyped, scalar: Untyped) -> Untyped:
    """The float32 or int16 `scalar` in every lane."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return _llvm.splat(builder, args[0], _llvm.full(scalar).count)

    return _VECTORS[scalar](scalar), generate


@intrinsic
def splat_all(typing: Untyped, scalars: Untyped) -> Untyped:
    """A tuple of vectors: each of `scalars` in every lane of its own."""
    result = types.UniTuple(_VECTORS[scalars.dtype], scalars.count)

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        parts = cgutils.unpack_tuple(builder, args[0], scalars.count)
        lanes = _llvm.full(scalars.dtype).count
        vectors = [_llvm.splat(builder, part, lanes) for part in parts]
        return context.make_tuple(builder, result, vectors)

    return result(scalars), generate


@intrinsic
def splat_at(typing: Untyped, array: Untyped, index: Untyped) -> Untyped:
    """One element of `array` in every lane."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, array, args[0])
        return _llvm.splat(builder, data.load(args[1], 1), _llvm.full(array.dtype).count)

    return _VECTORS[array.dtype](array, types.intp), generate


@intrinsic
def load(typing: Untyped, array: Untyped, index: Untyped) -> Untyped:
    """16 elements of a uint8, uint16, int16 or float32 array, as float32."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        value = _llvm.Memory(context, builder, array, args[0]).load(args[1])
        return _llvm.widened(builder, value, types.float32, array.dtype == types.int16)

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
def widen_all(
    typing: Untyped,
    source: Untyped,
    index: Untyped,
    target: Untyped,
    begin: Untyped,
    like: Untyped,
    shift: Untyped,
) -> Untyped:
    """Copy levels into an array, as many vectors as the tuple `like` is long.

    They become float32; or int16, less 128 and shifted left.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        lanes = _llvm.full(target.dtype).count
        data = _llvm.Memory(context, builder, source, args[0])
        to = _llvm.Memory(context, builder, target, args[2])
        for n in range(like.count):
            value = data.load(data.moved(args[1], n * lanes), lanes)
            if target.dtype == types.int16:
                value = _llvm.centred(builder, value, args[5])
            else:
                value = _llvm.widened(builder, value, types.float32)
            to.store(to.moved(args[3], n * lanes), value)
        return context.get_dummy_value()

    return types.void(source, types.intp, target, types.intp, like, types.intp), generate


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
    """A tuple of vectors: totals[n] + weight * the n-th vector from `index` on.

    float32: rounded once.  int16: the upper half of the product.  One function serves any number
    of sums: the length of the tuple is part of its type.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        values = _llvm.Memory(context, builder, array, args[1]).row(args[2], totals.count)
        before = cgutils.unpack_tuple(builder, args[3], totals.count)
        sums = [
            _llvm.weighed(builder, args[0], value, total)
            for value, total in zip(values, before, strict=True)
        ]
        return context.make_tuple(builder, totals, sums)

    return totals(weight, array, types.intp, totals), generate


@intrinsic
def load_all(typing: Untyped, array: Untyped, index: Untyped, like: Untyped) -> Untyped:
    """As many vectors as the tuple `like` has, one after the other."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        values = _llvm.Memory(context, builder, array, args[0]).row(args[1], like.count)
        return context.make_tuple(builder, like, values)

    return like(array, types.intp, like), generate


@intrinsic
def store_all(typing: Untyped, array: Untyped, index: Untyped, values: Untyped) -> Untyped:
    """Write a tuple of vectors into an array of their dtype, one after the other."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, array, args[0])
        for n, value in enumerate(cgutils.unpack_tuple(builder, args[2], values.count)):
            data.store(data.moved(args[1], n * value.type.count), value)
        return context.get_dummy_value()

    return types.void(array, types.intp, values), generate


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


def store_channels_of(channels: int) -> Untyped:
    """An intrinsic `(array, index, vectors)` that stores 16 pixels, clamped and cut as `store`."""

    @intrinsic
    def store_channels(typing: Untyped, array: Untyped, index: Untyped, values: Untyped) -> Untyped:
        def generate(
            context: Untyped, builder: Untyped, signature: Untyped, args: Untyped
        ) -> Untyped:
            data = _llvm.Memory(context, builder, array, args[0])
            wide = cgutils.unpack_tuple(builder, args[2], channels)
            planes = [_llvm.narrowed(builder, plane, array.dtype) for plane in wide]
            for n, piece in enumerate(_llvm.woven_pixels(builder, planes)):
                data.store(data.moved(args[1], n * LANES), piece)
            return context.get_dummy_value()

        return types.void(array, types.intp, values), generate

    return store_channels


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
