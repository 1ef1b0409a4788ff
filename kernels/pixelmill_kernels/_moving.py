"""Moving: sixteen scattered pixels, copied side by side."""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, intrinsic, ir, types
from pixelmill_kernels._llvm import LANES

BLOCK = 128  # bits that every machine loads and stores at once


@intrinsic
def move_pixels(
    typing: Untyped,
    source: Untyped,
    places: Untyped,
    index: Untyped,
    target: Untyped,
    begin: Untyped,
    like: Untyped,
) -> Untyped:
    """Copy sixteen scattered pixels of as many channels as `like` has, side by side.

    Of three channels four are read: something must follow each pixel.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data, where, to = (
            _llvm.Memory(context, builder, kind, array)
            for kind, array in ((source, args[0]), (places, args[1]), (target, args[3]))
        )
        at = [
            builder.sext(where.load(where.moved(args[2], n), 1), args[2].type) for n in range(LANES)
        ]
        (_move_three if like.count == 3 else _move_whole)(
            builder, data, at, to, args[4], like.count
        )
        return context.get_dummy_value()

    number = types.intp
    return types.void(source, places, number, target, number, like), generate


def _move_whole(
    builder: Untyped,
    data: _llvm.Memory,
    at: list[Untyped],
    to: _llvm.Memory,
    begin: Untyped,
    channels: int,
) -> None:
    """Pixels that a register holds 1, 2, 4, 8 or 16 of are put together first: fewer stores."""
    bits = data.dtype.bitwidth * channels
    together = BLOCK // bits
    kind = ir.VectorType(ir.IntType(bits), together)
    for start in range(0, LANES, together):
        pixels = ir.Constant(kind, ir.Undefined)
        for n in range(together):
            pixel = builder.bitcast(data.load(at[start + n], channels), kind.element)
            pixels = builder.insert_element(pixels, pixel, ir.Constant(ir.IntType(32), n))
        pixels = builder.bitcast(pixels, _llvm.vector(data.dtype, together * channels))
        to.store(to.moved(begin, start * channels), pixels)


def _move_three(
    builder: Untyped,
    data: _llvm.Memory,
    at: list[Untyped],
    to: _llvm.Memory,
    begin: Untyped,
    channels: int,
) -> None:
    """A fourth channel is covered by the next pixel, but for the last one's."""
    for n, place in enumerate(at):
        pixel, o = data.load(place, channels + 1), to.moved(begin, n * channels)
        if n < LANES - 1:
            to.store(o, pixel)
            continue
        for c in range(channels):
            level = builder.extract_element(pixel, ir.Constant(ir.IntType(32), c))
            to.store(to.moved(o, c), level)
