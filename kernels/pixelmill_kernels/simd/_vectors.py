"""Vectors: 64 bytes of numbers as one Numba type, and how a number becomes one."""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, cgutils, intrinsic, models, register_model, types


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
i32x16 = Vector(types.int32)
_VECTORS = {kind.dtype: kind for kind in (f32x16, i16x32, i32x16)}


@intrinsic
def lanes_of(typing: Untyped, array: Untyped) -> Untyped:
    """How many of the array's elements are 64 bytes, as a constant of the compiled code."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return context.get_constant(types.intp, _llvm.full(array.dtype).count)

    return types.intp(array), generate


@intrinsic
def splat(typing: Untyped, scalar: Untyped) -> Untyped:
    """The float32, int16 or int32 `scalar` in every lane."""

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
