"""Windows: sums over a few vectors in a row, and over a few lanes in a row, without memory.

How long a window is, is the length of a tuple and part of its type.
"""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, cgutils, intrinsic
from pixelmill_kernels._llvm import LANES
from pixelmill_kernels.simd._vectors import f32x16


@intrinsic
def pushed(typing: Untyped, window: Untyped, value: Untyped) -> Untyped:
    """The tuple of vectors `window` without its first and with `value` as its last."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        values = cgutils.unpack_tuple(builder, args[0], window.count)
        return context.make_tuple(builder, window, [*values[1:], args[1]])

    return window(window, f32x16), generate


@intrinsic
def sum_all(typing: Untyped, window: Untyped) -> Untyped:
    """The vectors of a tuple added up."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return _added(builder, cgutils.unpack_tuple(builder, args[0], window.count))

    return f32x16(window), generate


@intrinsic
def sum_along(typing: Untyped, low: Untyped, high: Untyped, window: Untyped) -> Untyped:
    """Each lane of `low` and, counted on into `high`, those after it, as many as `window` has."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        shifts = [range(k, k + LANES) for k in range(window.count)]
        shifted = [_llvm.shuffled(builder, args[0], args[1], lanes) for lanes in shifts]
        return _added(builder, shifted)

    return f32x16(f32x16, f32x16, window), generate


def _added(builder: Untyped, values: list[Untyped]) -> Untyped:
    """Pairs of pairs: half as many additions wait for one another."""
    while len(values) > 1:
        pairs = [builder.fadd(a, b) for a, b in zip(values[::2], values[1::2], strict=False)]
        values = pairs + values[len(pairs) * 2 :]
    return values[0]
