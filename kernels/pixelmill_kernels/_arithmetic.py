"""Arithmetic on vectors of 16 float32, so that a formula in a kernel looks like the formula.

`+ - * /` and the functions below take vectors and plain numbers in any mixture.  Every operation is
rounded once, and none is merged with another, so that the bytes are the same on every machine.
"""

# ruff: noqa: ARG005  Numba prescribes what an intrinsic is called with.

import operator
from collections.abc import Callable, Sequence

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, intrinsic, overload, types
from pixelmill_kernels.simd import f32x16

__all__ = ["absolute", "floor", "maximum", "minimum", "rint", "truncate", "where_less"]


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


def _lanewise(count: int, compute: Callable[..., Untyped]) -> Untyped:
    """An intrinsic of `count` vectors or numbers, which `compute(builder, *vectors)` writes."""

    def typed(*kinds: Untyped) -> Untyped:
        def generate(
            context: Untyped, builder: Untyped, signature: Untyped, args: Untyped
        ) -> Untyped:
            return compute(builder, *_vectors(context, builder, signature.args, args))

        return f32x16(*kinds), generate

    # Numba looks at the names of the arguments: each count is spelled out.
    if count == 1:
        return intrinsic(lambda typing, x: typed(x))
    if count == 2:
        return intrinsic(lambda typing, x, y: typed(x, y))
    return intrinsic(lambda typing, x, y, yes, no: typed(x, y, yes, no))


def _operator(symbol: Callable[..., object], instruction: str) -> None:
    """Let `symbol` stand for an LLVM instruction wherever there is a vector on either side."""
    both = _lanewise(2, lambda builder, x, y: getattr(builder, instruction)(x, y))

    def choose(x: Untyped, y: Untyped) -> Untyped:
        return (lambda x, y: both(x, y)) if f32x16 in (x, y) else None

    overload(symbol)(choose)


def _where_less(builder: Untyped, x: Untyped, y: Untyped, yes: Untyped, no: Untyped) -> Untyped:
    return builder.select(builder.fcmp_ordered("<", x, y), yes, no)


_operator(operator.add, "fadd")
_operator(operator.sub, "fsub")
_operator(operator.mul, "fmul")
_operator(operator.truediv, "fdiv")

absolute = _lanewise(1, lambda builder, x: _llvm.call(builder, "fabs", x))
floor = _lanewise(1, lambda builder, x: _llvm.call(builder, "floor", x))
rint = _lanewise(1, lambda builder, x: _llvm.call(builder, "rint", x))  # a half goes to even
truncate = _lanewise(1, lambda builder, x: _llvm.call(builder, "trunc", x))

# As comparisons: LLVM's own minnum also asks whether a number is none, three times the work.
minimum = _lanewise(2, lambda builder, x, y: _where_less(builder, x, y, x, y))
maximum = _lanewise(2, lambda builder, x, y: _where_less(builder, y, x, x, y))
where_less = _lanewise(4, _where_less)  # (x, y, yes, no): lane by lane, `yes` where x < y
