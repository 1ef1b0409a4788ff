"""Powers: of two, from additions and multiplications alone."""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, intrinsic, types
from pixelmill_kernels.simd._vectors import f32x16

# 2 ** x on [-1, 0]: exact at both ends, elsewhere off by 3.4e-6 of its value, the least that a
# polynomial of degree 4 can (least squares, weighted anew until all peaks were alike).
_EXP2 = (0.006777872797101736, 0.053127676248550415, 0.23940567672252655, 0.6930558681488037, 1.0)
_LEAST = -125.0  # below it, the power of two is no normal float32 any more


@intrinsic
def exp2(typing: Untyped, value: Untyped) -> Untyped:
    """2 ** value for values from 0 down; off by 3.4e-6 of itself; at 0 it is 1.

    The exp of the C library differs between machines in its last bit; this one is seven plain
    operations, and faster.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        kind, whole_kind = args[0].type, _llvm.vector(types.int32)
        least = _llvm.constant(kind, _LEAST)
        x = builder.select(builder.fcmp_ordered(">", args[0], least), args[0], least)
        whole = builder.fptosi(x, whole_kind)
        part = builder.fsub(x, builder.sitofp(whole, kind))
        power = _llvm.constant(kind, _EXP2[0])
        for coefficient in _EXP2[1:]:
            power = _llvm.call(builder, "fma", power, part, _llvm.constant(kind, coefficient))
        exponent = builder.shl(whole, _llvm.constant(whole_kind, 23))
        return builder.bitcast(builder.add(builder.bitcast(power, whole_kind), exponent), kind)

    return f32x16(f32x16), generate
