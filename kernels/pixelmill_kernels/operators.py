"""Operators: + - * / and the functions that formulas need, on the float32 vectors of `simd`.

Each is one instruction for every lane, rounded once, so that a kernel reads as its formula and
gives the same bytes on every machine.
"""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

import operator

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, intrinsic, operator_on, types
from pixelmill_kernels.simd import Vector, f32x16

_SYMBOLS = {
    "fadd": (operator.add, operator.iadd),
    "fsub": (operator.sub, operator.isub),
    "fmul": (operator.mul, operator.imul),
    "fdiv": (operator.truediv, operator.itruediv),
}


def _instruction(name: str) -> Untyped:
    return lambda builder, left, right: getattr(builder, name)(left, right)


for _name, _symbols in _SYMBOLS.items():
    for _symbol in _symbols:
        operator_on(Vector, _symbol, _instruction(_name))


@intrinsic
def maximum(typing: Untyped, left: Untyped, right: Untyped) -> Untyped:
    """The larger one, lane by lane."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return builder.select(builder.fcmp_ordered(">", *args), *args)

    return f32x16(f32x16, f32x16), generate


@intrinsic
def minimum(typing: Untyped, left: Untyped, right: Untyped) -> Untyped:
    """The smaller one, lane by lane."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return builder.select(builder.fcmp_ordered("<", *args), *args)

    return f32x16(f32x16, f32x16), generate


@intrinsic
def magnitude(typing: Untyped, value: Untyped) -> Untyped:
    """Without its sign."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return _llvm.call(builder, "fabs", args[0])

    return f32x16(f32x16), generate


@intrinsic
def with_sign(typing: Untyped, value: Untyped, like: Untyped) -> Untyped:
    """`value` with the sign of `like`."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return _llvm.call(builder, "copysign", *args)

    return f32x16(f32x16, f32x16), generate


@intrinsic
def root(typing: Untyped, value: Untyped) -> Untyped:
    """The square root, which IEEE 754 has rounded rightly on every machine."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return _llvm.call(builder, "sqrt", args[0])

    return f32x16(f32x16), generate


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
