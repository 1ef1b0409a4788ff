"""Vectors for kernels: Numba types that are LLVM vectors of 16 lanes, and what is done with them.

Numba's own vectoriser gives up on interleaved bytes: a plain loop of the resize ran at a ninth of
the speed.  The functions below write the vector instructions themselves.  They say nothing of a
machine: LLVM lowers 16 floats to one AVX-512 register, two of AVX2 or four of SSE and NEON, and
every lane is computed alone and rounded once, so that the bytes are the same on all of them.

Computed with are float32; int16 for what has 8 bits (see `_separable`); and int32 for sums that are
exact.  A tuple of vectors, one after the other or one for each channel, is as good as a vector:
its length is part of its type, and one function serves any length.  All addresses are an array and
a flat index into it, in elements; nothing is checked in the loop.

This is the whole of the layer.  Kernels that need an instruction of their own write it with
`_llvm`, as the files here do, beside the loop that uses it.
"""

from pixelmill_kernels._llvm import LANES
from pixelmill_kernels.simd._arithmetic import (
    absolute,
    floor,
    fma,
    maximum,
    minimum,
    rint,
    root,
    truncate,
    weigh_all,
    where_less,
)
from pixelmill_kernels.simd._channels import (
    difference,
    divide_pixels,
    halves_up,
    squared_difference,
    weigh_pixels,
)
from pixelmill_kernels.simd._half import store_float
from pixelmill_kernels.simd._integers import (
    add_levels,
    add_squares,
    sum_lanes,
    weigh_levels,
    word,
)
from pixelmill_kernels.simd._memory import load, load_all, prefetch, store, store_all, widen_all
from pixelmill_kernels.simd._pixels import (
    RGB,
    RGBA,
    load_pixels,
    load_planes,
    store_pixels,
    store_planes,
)
from pixelmill_kernels.simd._powers import exp2
from pixelmill_kernels.simd._target import Target, describe, target, width
from pixelmill_kernels.simd._turning import turn, turn_back
from pixelmill_kernels.simd._vectors import (
    Vector,
    f32x16,
    i16x32,
    i32x16,
    lanes_of,
    splat,
    splat_all,
    splat_at,
)
from pixelmill_kernels.simd._windows import pushed, sum_all, sum_along

__all__ = [
    "LANES",
    "RGB",
    "RGBA",
    "Target",
    "Vector",
    "absolute",
    "add_levels",
    "add_squares",
    "describe",
    "difference",
    "divide_pixels",
    "exp2",
    "f32x16",
    "floor",
    "fma",
    "halves_up",
    "i16x32",
    "i32x16",
    "lanes_of",
    "load",
    "load_all",
    "load_pixels",
    "load_planes",
    "maximum",
    "minimum",
    "prefetch",
    "pushed",
    "rint",
    "root",
    "splat",
    "splat_all",
    "splat_at",
    "squared_difference",
    "store",
    "store_all",
    "store_float",
    "store_pixels",
    "store_planes",
    "sum_all",
    "sum_along",
    "sum_lanes",
    "target",
    "truncate",
    "turn",
    "turn_back",
    "weigh_all",
    "weigh_levels",
    "weigh_pixels",
    "where_less",
    "widen_all",
    "width",
    "word",
]
