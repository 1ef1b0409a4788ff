"""Memory: from arrays to vectors and back, widened and narrowed on the way."""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, cgutils, intrinsic, types
from pixelmill_kernels.simd._vectors import f32x16


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
