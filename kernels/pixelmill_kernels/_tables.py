"""Tables: every level looked up, one table for all channels or one for each.

AVX-512 (VBMI) looks 64 bytes up with two instructions, twelve times as fast as one by one.  Where
the processor has no such instruction, none is written, and the plain loop does all of it.
"""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from pixelmill_kernels import _llvm
from pixelmill_kernels._check import Array, expect_out, for_reading
from pixelmill_kernels._jit import Untyped, cgutils, compiled_for, intrinsic, ir, kernel, types

WIDE = 64  # bytes at a time
PERIOD = 192  # of them, after which 1, 3 and 4 channels all begin anew
_BYTES = _llvm.vector(types.uint8, WIDE)


def look_up(image: Array, tables: Sequence[Array], out: Array | None = None) -> Array:
    """`image` with each level replaced by table[level]: one table, or one for each colour channel.

    Alpha stays.
    """
    out = expect_out(out, image.shape, image.dtype, image)
    channels = image.shape[2]
    if channels == 4:
        tables = [tables[c % len(tables)] for c in range(3)] + [np.arange(256, dtype=np.uint8)]
    flat = np.concatenate(tables)  # with one table for all, which channel a byte is of is no matter
    _look_up(for_reading(image).reshape(-1), flat, len(tables), out.reshape(-1))
    return out


@kernel
def _look_up(source: Array, tables: Array, channels: int, target: Array) -> None:
    whole = source.size // PERIOD * PERIOD if at_once() else 0
    if channels == 1:
        for i in range(0, whole, PERIOD):
            _look_up_1(tables, source, i, target)
    elif channels == 3:
        for i in range(0, whole, PERIOD):
            _look_up_3(tables, source, i, target)
    else:
        for i in range(0, whole, PERIOD):
            _look_up_4(tables, source, i, target)
    for i in range(whole, source.size, channels):
        for c in range(channels):
            target[i + c] = tables[c * 256 + source[i + c]]


@lru_cache(maxsize=1)
def _has_instruction() -> bool:
    return "+avx512vbmi" in compiled_for()[1].split(",")


@intrinsic
def at_once(typing: Untyped) -> Untyped:
    """Whether the processor looks 64 bytes up at once; known to the compiler."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return cgutils.true_bit if _has_instruction() else cgutils.false_bit

    return types.boolean(), generate


def _look_up_of(channels: int) -> Untyped:
    """An intrinsic `(tables, source, index, target)` for `PERIOD` bytes of so many channels."""

    @intrinsic
    def look_up_period(
        typing: Untyped, tables: Untyped, source: Untyped, index: Untyped, target: Untyped
    ) -> Untyped:
        def generate(
            context: Untyped, builder: Untyped, signature: Untyped, args: Untyped
        ) -> Untyped:
            if _has_instruction():
                table, data, to = (
                    _llvm.Memory(context, builder, kind, value)
                    for kind, value in ((tables, args[0]), (source, args[1]), (target, args[3]))
                )
                for n in range(0, PERIOD, WIDE):
                    at = data.moved(args[2], n)
                    levels = data.load(at, WIDE)
                    found = [_looked_up(builder, table, c, levels) for c in range(channels)]
                    to.store(at, _interlaced(builder, found, n))
            return context.get_dummy_value()

        return types.void(tables, source, types.intp, target), generate

    return look_up_period


def _looked_up(builder: Untyped, tables: Untyped, which: int, levels: Untyped) -> Untyped:
    """Table[level] of one of the tables: one instruction for each half of it."""
    start = ir.Constant(ir.IntType(64), which * 256)
    quarters = [tables.load(tables.moved(start, n), WIDE) for n in range(0, 256, WIDE)]
    for quarter in quarters:  # nothing writes the tables: loaded once, they stay in registers
        quarter.set_metadata("invariant.load", builder.module.add_metadata([]))
    kind = ir.FunctionType(_BYTES, [_BYTES] * 3)
    name = "llvm.x86.avx512.vpermi2var.qi.512"
    permute = cgutils.get_or_insert_function(builder.module, kind, name)
    low = builder.call(permute, [quarters[0], levels, quarters[1]])
    high = builder.call(permute, [quarters[2], levels, quarters[3]])
    negative = builder.icmp_signed("<", levels, _llvm.constant(_BYTES, 0))
    return builder.select(negative, high, low)


def _interlaced(builder: Untyped, found: list[Untyped], start: int) -> Untyped:
    """Each byte from the look-up in its own channel's table."""
    bytes_ = found[0]
    for c, own in enumerate(found[1:], 1):
        turns = [(start + j) % len(found) == c for j in range(WIDE)]
        mask = ir.Constant(ir.VectorType(ir.IntType(1), WIDE), [int(turn) for turn in turns])
        bytes_ = builder.select(mask, own, bytes_)
    return bytes_


_look_up_1, _look_up_3, _look_up_4 = _look_up_of(1), _look_up_of(3), _look_up_of(4)
