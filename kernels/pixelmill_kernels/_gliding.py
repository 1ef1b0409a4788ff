"""Gliding: the pixels that cover sixteen neighbours of an output row, known to lie in the image.

What `_locating` does, without its clamps and fractions.
"""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

import math

import numpy as np

from pixelmill_kernels import _llvm
from pixelmill_kernels._check import Array
from pixelmill_kernels._jit import Untyped, cgutils, intrinsic, ir, piece, types
from pixelmill_kernels._llvm import LANES
from pixelmill_kernels._locating import RUN, _aligned
from pixelmill_kernels._places import _DOUBLES, _INTS, _line, i32x16

# Along a line places are counted in units of 2**-20 pixel: a run's start and each distance from it
# err by half of one.  A run of the fastest steps has 11 bits above the point, and its sign.
BITS = 20
ONE = 2.0**BITS
FASTEST = 2048 / RUN  # source pixels for one of the output


@piece
def _strides(by: float) -> Array:
    """How far the pixels of a run lie from its first one, in units of 2**-20 pixel."""
    far = _aligned(RUN, np.int32)
    for n in range(RUN):
        far[n] = _fixed(by * n)
    return far


@piece
def _fixed(place: float) -> int:
    return math.floor(place * ONE + 0.5)


@intrinsic
def glide(typing: Untyped, far: Untyped, n: Untyped, start: Untyped) -> Untyped:
    """The whole parts of start + far[n] to far[n + 15]; all are in units of 2**-20."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        along = _llvm.Memory(context, builder, far, args[0]).load(args[1])
        below = builder.and_(args[2], ir.Constant(args[2].type, 2**BITS - 1))
        whole = builder.ashr(args[2], ir.Constant(args[2].type, BITS))
        part, pixel = (
            _llvm.splat(builder, builder.trunc(number, ir.IntType(32))) for number in (below, whole)
        )
        steps = builder.ashr(builder.add(along, part), _llvm.constant(_INTS, BITS))
        return builder.add(steps, pixel)

    return i32x16(far, types.intp, types.intp), generate


@intrinsic
def glance(typing: Untyped, above: Untyped, by: Untyped, depth: Untyped, lean: Untyped) -> Untyped:
    """The whole parts across, and down, of (above + by * n) / (depth + lean * n), none below 0.

    `above` and `by` are pairs: across and down.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        starts, steps = (cgutils.unpack_tuple(builder, arg, 2) for arg in args[:2])
        one = ir.Constant(_DOUBLES, [1.0] * LANES)
        share = builder.fdiv(one, _line(builder, *args[2:]))
        parts = [
            builder.fptosi(builder.fmul(_line(builder, start, step), share), _INTS)
            for start, step in zip(starts, steps, strict=True)
        ]
        return context.make_tuple(builder, signature.return_type, parts)

    pair, number = types.UniTuple(types.float64, 2), types.float64
    return types.UniTuple(i32x16, 2)(pair, pair, number, number), generate
