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
    if channels == 1:
        done = _look_up_1(source, tables, target)
    elif channels == 3:
        done = _look_up_3(source, tables, target)
    else:
        done = _look_up_4(source, tables, target)
    for i in range(done, source.size, channels):
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
    """An intrinsic `(source, tables, target) -> bytes done`.

    It stops where fewer than `PERIOD` are left, and without the instruction it does not start.
    """

    @intrinsic
    def look_up_periods(
        typing: Untyped, source: Untyped, tables: Untyped, target: Untyped
    ) -> Untyped:
        def generate(
            context: Untyped, builder: Untyped, signature: Untyped, args: Untyped
        ) -> Untyped:
            period = ir.Constant(ir.IntType(64), PERIOD)
            if not _has_instruction():
                return ir.Constant(period.type, 0)
            size = cgutils.create_struct_proxy(source)(context, builder, args[0]).nitems
            data, table, to = (
                _llvm.Memory(context, builder, kind, value)
                for kind, value in zip(signature.args, args, strict=True)
            )
            # Before the loop: in it, each store might have changed them, and they were loaded anew.
            quarters = [_quarters(table, c) for c in range(channels)]
            periods = builder.udiv(size, period)
            with cgutils.for_range(builder, periods) as loop:
                start = builder.mul(loop.index, period)
                for n in range(0, PERIOD, WIDE):
                    at = data.moved(start, n)
                    levels = data.load(at, WIDE)
                    found = [_looked_up(builder, own, levels) for own in quarters]
                    to.store(at, _interlaced(builder, found, n))
            return builder.mul(periods, period)

        return types.intp(source, tables, target), generate

    return look_up_periods


def _quarters(tables: Untyped, which: int) -> list[Untyped]:
    """One of the tables, in four registers."""
    start = ir.Constant(ir.IntType(64), which * 256)
    return [tables.load(tables.moved(start, n), WIDE) for n in range(0, 256, WIDE)]


def _looked_up(builder: Untyped, quarters: list[Untyped], levels: Untyped) -> Untyped:
    """Table[level]: one instruction for each half of the table."""
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
