"""Arithmetic: a formula in a kernel looks like the formula.

`+ - * /` and the functions below take vectors of float32 and plain numbers in any mixture.  Each is
one instruction for every lane, rounded once, and none is merged with another, so that the bytes are
the same on every machine.
"""

# ruff: noqa: ARG001, ARG005  Numba prescribes what an intrinsic is called with.

import operator
from collections.abc import Callable, Sequence

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, cgutils, intrinsic, operator_on, types
from pixelmill_kernels.simd._vectors import f32x16


def _vectors(
    context: Untyped, builder: Untyped, kinds: Sequence[Untyped], args: Sequence[Untyped]
) -> list[Untyped]:
    """Each argument as a vector: a number fills all lanes."""
    return [
        value
        if kind == f32x16
        else _llvm.splat(builder, context.cast(builder, value, kind, types.float32))
        for kind, value in zip(kinds, args, strict=True)
    ]


def _lanewise(compute: Callable[..., Untyped]) -> Untyped:
    """An intrinsic of vectors or numbers, for which `compute(builder, *vectors)` writes code."""

    def typed(*kinds: Untyped) -> Untyped:
        def generate(
            context: Untyped, builder: Untyped, signature: Untyped, args: Untyped
        ) -> Untyped:
            return compute(builder, *_vectors(context, builder, signature.args, args))

        return f32x16(*kinds), generate

    # Numba looks at the names of the arguments: each count is spelled out.
    counts: dict[int, Callable[..., Untyped]] = {
        1: lambda typing, x: typed(x),
        2: lambda typing, x, y: typed(x, y),
        3: lambda typing, x, y, z: typed(x, y, z),
        4: lambda typing, x, y, yes, no: typed(x, y, yes, no),
    }
    function = counts[compute.__code__.co_argcount - 1]
    function.__name__, function.__doc__ = compute.__name__, compute.__doc__
    return intrinsic(function)


def _operator(instruction: str, *symbols: Callable[..., object]) -> None:
    """Let symbols stand for an LLVM instruction wherever there is a vector on either side."""

    def write(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return getattr(builder, instruction)(*_vectors(context, builder, signature.args, args))

    for symbol in symbols:
        operator_on(f32x16, symbol, write)


_operator("fadd", operator.add, operator.iadd)
_operator("fsub", operator.sub, operator.isub)
_operator("fmul", operator.mul, operator.imul)
_operator("fdiv", operator.truediv, operator.itruediv)


@_lanewise
def absolute(builder: Untyped, x: Untyped) -> Untyped:
    """Without its sign."""
    return _llvm.call(builder, "fabs", x)


@_lanewise
def floor(builder: Untyped, x: Untyped) -> Untyped:
    """The next whole number below."""
    return _llvm.call(builder, "floor", x)


@_lanewise
def rint(builder: Untyped, x: Untyped) -> Untyped:
    """The nearest whole number; a half goes to the even one."""
    return _llvm.call(builder, "rint", x)


@_lanewise
def truncate(builder: Untyped, x: Untyped) -> Untyped:
    """The next whole number towards 0."""
    return _llvm.call(builder, "trunc", x)


@_lanewise
def root(builder: Untyped, x: Untyped) -> Untyped:
    """The square root, which IEEE 754 has rounded rightly on every machine."""
    return _llvm.call(builder, "sqrt", x)


@_lanewise
def minimum(builder: Untyped, x: Untyped, y: Untyped) -> Untyped:
    """The smaller one.

    As a comparison: LLVM's own minnum also asks whether a number is none, three times the work.
    """
    return builder.select(builder.fcmp_ordered("<", x, y), x, y)


@_lanewise
def maximum(builder: Untyped, x: Untyped, y: Untyped) -> Untyped:
    """The larger one."""
    return builder.select(builder.fcmp_ordered(">", x, y), x, y)


@_lanewise
def where_less(builder: Untyped, x: Untyped, y: Untyped, yes: Untyped, no: Untyped) -> Untyped:
    """Lane by lane, `yes` where x < y, and else `no`."""
    return builder.select(builder.fcmp_ordered("<", x, y), yes, no)


@_lanewise
def fma(builder: Untyped, weight: Untyped, value: Untyped, total: Untyped) -> Untyped:
    """total + weight * value, rounded once, on machines without the instruction too."""
    return _llvm.weighed(builder, weight, value, total)


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
