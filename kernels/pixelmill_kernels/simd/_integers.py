"""Integers: vector instructions on whole numbers, for what is counted and hashed to the bit.

Sums of 8-bit levels, of their squares and of their products with 32-bit weights, and 8 bytes read
as one word.
"""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, intrinsic, ir, types
from pixelmill_kernels._llvm import LANES
from pixelmill_kernels.simd._vectors import i32x16


@intrinsic
def weigh_levels(
    typing: Untyped, levels: Untyped, at: Untyped, weights: Untyped, index: Untyped, totals: Untyped
) -> Untyped:
    """totals + 16 uint8 `levels` from `at` times 16 int32 `weights` from `index`; it wraps."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        level = _llvm.Memory(context, builder, levels, args[0]).load(args[1])
        weight = _llvm.Memory(context, builder, weights, args[2]).load(args[3])
        wide = builder.zext(level, _llvm.vector(types.int32))
        return builder.add(args[4], builder.mul(wide, weight))

    return i32x16(levels, types.intp, weights, types.intp, i32x16), generate


@intrinsic
def add_levels(typing: Untyped, levels: Untyped, at: Untyped, totals: Untyped) -> Untyped:
    """totals + 16 uint8 `levels` from `at`; it wraps."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        level = _llvm.Memory(context, builder, levels, args[0]).load(args[1])
        return builder.add(args[2], builder.zext(level, _llvm.vector(types.int32)))

    return i32x16(levels, types.intp, i32x16), generate


@intrinsic
def add_squares(typing: Untyped, levels: Untyped, at: Untyped, totals: Untyped) -> Untyped:
    """totals + the squares of 16 uint8 `levels` from `at`; it wraps."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        level = _llvm.Memory(context, builder, levels, args[0]).load(args[1])
        wide = builder.zext(level, _llvm.vector(types.int32))
        return builder.add(args[2], builder.mul(wide, wide))

    return i32x16(levels, types.intp, i32x16), generate


@intrinsic
def sum_lanes(typing: Untyped, values: Untyped) -> Untyped:
    """The sum of the sixteen: halves are added until one is left."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        value, lanes = args[0], LANES
        while lanes > 1:
            lanes //= 2
            halves = (range(lanes), range(lanes, 2 * lanes))
            low, high = (_llvm.shuffled(builder, value, value, half) for half in halves)
            value = builder.add(low, high)
        return builder.extract_element(value, ir.Constant(ir.IntType(32), 0))

    return types.int32(i32x16), generate


@intrinsic
def word(typing: Untyped, data: Untyped, index: Untyped) -> Untyped:
    """8 bytes of a uint8 array, wherever they begin, as one uint64; the first is the lowest."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        eight = _llvm.Memory(context, builder, data, args[0]).load(args[1], 8)
        return builder.bitcast(eight, ir.IntType(64))

    return types.uint64(data, types.intp), generate
