"""Half: float32 written as float16, which kernels see as the uint16 of the same bits."""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, compiled_for, intrinsic, ir, types

# Exponents of float32: below the first, float16 is not normal; from the second on it is infinite.
SMALL, LARGE = (127 - 14) << 23, (127 + 16) << 23


@intrinsic
def store_float(typing: Untyped, array: Untyped, index: Untyped, value: Untyped) -> Untyped:
    """Write 16 float32 into an array of them, or as float16 into one of uint16, their bits.

    float16: rounded to nearest, ties to even, as NumPy's astype does.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        number = args[2]
        if array.dtype != types.float32:
            number = _bits(builder, number)
        _llvm.Memory(context, builder, array, args[0]).store(args[1], number)
        return context.get_dummy_value()

    return types.void(array, types.intp, value), generate


def _bits(builder: Untyped, value: Untyped) -> Untyped:
    """float32 as the bits of the nearest float16, ties to even."""
    lanes = value.type.count
    short = _llvm.vector(types.uint16, lanes)
    if _instruction():
        half = builder.fptrunc(value, ir.VectorType(ir.HalfType(), lanes))
        return builder.bitcast(half, short)
    kind = _llvm.vector(types.int32, lanes)
    bits = builder.bitcast(value, kind)
    size = builder.and_(bits, _llvm.constant(kind, 0x7FFFFFFF))
    sign = builder.lshr(builder.xor(bits, size), _llvm.constant(kind, 16))
    chosen = builder.select(
        builder.icmp_signed("<", size, _llvm.constant(kind, SMALL)),
        _small(builder, size, value.type),
        _normal(builder, size),
    )
    large = builder.icmp_signed(">=", size, _llvm.constant(kind, LARGE))
    chosen = builder.select(large, _large(builder, size), chosen)
    return builder.trunc(builder.or_(chosen, sign), short)


def _normal(builder: Untyped, size: Untyped) -> Untyped:
    """Add just below half of what is cut off, and one more where the result would be odd."""
    odd = builder.lshr(size, _llvm.constant(size.type, 13))
    odd = builder.and_(odd, _llvm.constant(size.type, 1))
    other = builder.add(size, _llvm.constant(size.type, 0xFFF - ((127 - 15) << 23)))
    return builder.lshr(builder.add(other, odd), _llvm.constant(size.type, 13))


def _small(builder: Untyped, size: Untyped, floats: Untyped) -> Untyped:
    """The last bit of 0.5 + x is that of a float16 below the normal ones: the sum rounds there."""
    half = ir.Constant(floats, [0.5] * floats.count)
    total = builder.bitcast(builder.fadd(builder.bitcast(size, floats), half), size.type)
    return builder.sub(total, _llvm.constant(size.type, 0x3F000000))


def _large(builder: Untyped, size: Untyped) -> Untyped:
    """Infinity; or not a number, with what fits of its payload."""
    payload = builder.and_(size, _llvm.constant(size.type, 0x7FFFFF))
    payload = builder.lshr(payload, _llvm.constant(size.type, 13))
    finite = builder.icmp_signed("<=", size, _llvm.constant(size.type, 0x7F800000))
    nothing = builder.or_(payload, _llvm.constant(size.type, 0x7E00))
    return builder.select(finite, _llvm.constant(size.type, 0x7C00), nothing)


def _instruction() -> bool:
    """Whether the machine has an instruction from float32 to float16."""
    features = compiled_for()[1].split(",")
    return "+f16c" in features or "+neon" in features
