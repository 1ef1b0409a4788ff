"""Borders: the weights of pixels outside go to the pixels that stand in their places.

So a place at the border is like any other: as many neighbours that exist, and weights that differ.
What has no pixel in its place is `lost`, and is given the border's level.
"""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from collections.abc import Callable

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, cgutils, intrinsic, ir, types
from pixelmill_kernels._llvm import LANES, call, constant
from pixelmill_kernels._places import _DOUBLES, _FLOATS, _INTS, floor, i32x16
from pixelmill_kernels.simd import f32x16

CONSTANT, EDGE, REFLECT = range(3)
CODES = {"constant": CONSTANT, "edge": EDGE, "reflect": REFLECT}


def border(stand_in: Callable[..., list[Untyped]]) -> Untyped:
    """An intrinsic `(first, weights, size, room) -> (first, weights, lost)` for sixteen places.

    `first` is the index of the first neighbour along an axis, `weights` is a tuple of vectors, one
    a neighbour.  The axis has `room` pixels in memory, of which `size` belong to the image.
    `stand_in(builder, first, taps, last)` gives the pixel in the place of each neighbour.
    """

    @intrinsic
    def bend(
        typing: Untyped, first: Untyped, weights: Untyped, size: Untyped, room: Untyped
    ) -> Untyped:
        taps = weights.count
        result = types.Tuple((i32x16, weights, f32x16))

        def generate(
            context: Untyped, builder: Untyped, signature: Untyped, args: Untyped
        ) -> Untyped:
            shares = cgutils.unpack_tuple(builder, args[1], taps)
            last, most = (
                _llvm.splat(builder, builder.trunc(arg, ir.IntType(32))) for arg in args[2:]
            )
            last = builder.sub(last, constant(_INTS, 1))
            most = builder.sub(most, constant(_INTS, taps))
            there = stand_in(builder, args[0], taps, last)
            begin = most
            for place in there:
                # as an unsigned number -1, for none, is the largest
                begin = call(builder, "umin", begin, place)
            given = [_given(builder, there, shares, begin, j) for j in range(taps)]
            lost = _lost(builder, there, shares)
            parts = [begin, context.make_tuple(builder, weights, given), lost]
            return context.make_tuple(builder, result, parts)

        return result(i32x16, weights, types.intp, types.intp), generate

    return bend


def _given(
    builder: Untyped, there: list[Untyped], shares: list[Untyped], begin: Untyped, j: int
) -> Untyped:
    """The sum of the weights that pixel begin + j has been given."""
    pixel, total = builder.add(begin, constant(_INTS, j)), _zeros()
    for place, share in zip(there, shares, strict=True):
        same = builder.icmp_signed("==", place, pixel)
        total = builder.fadd(total, builder.select(same, share, _zeros()))
    return total


def _lost(builder: Untyped, there: list[Untyped], shares: list[Untyped]) -> Untyped:
    """The sum of the weights of neighbours that nothing stands for."""
    total, all_gone = _zeros(), None
    for place, share in zip(there, shares, strict=True):
        gone = builder.icmp_signed("<", place, constant(_INTS, 0))
        total = builder.fadd(total, builder.select(gone, share, _zeros()))
        all_gone = gone if all_gone is None else builder.and_(all_gone, gone)
    # weights sum to one but for their last bits: far outside the level is exactly the border's
    return builder.select(all_gone, ir.Constant(_FLOATS, [1.0] * LANES), total)


def _nothing(builder: Untyped, first: Untyped, taps: int, last: Untyped) -> list[Untyped]:
    places = _neighbours(builder, first, taps)
    # unsigned, so that what is below 0 is beyond the last as well
    inside = [builder.icmp_unsigned("<=", place, last) for place in places]
    none = constant(_INTS, -1)
    return [builder.select(*pair, none) for pair in zip(inside, places, strict=True)]


def _nearest(builder: Untyped, first: Untyped, taps: int, last: Untyped) -> list[Untyped]:
    places = _neighbours(builder, first, taps)
    return [_clamped(builder, place, last) for place in places]


def _mirrored(builder: Untyped, first: Untyped, taps: int, last: Untyped) -> list[Untyped]:
    """The edge itself is not repeated: c b | a b c | b a."""
    # An image and its mirror image repeat: whole periods are taken off first.
    period = builder.sitofp(builder.shl(last, constant(_INTS, 1)), _DOUBLES)
    period = builder.select(
        builder.fcmp_ordered(">", period, ir.Constant(_DOUBLES, [0.0] * LANES)),
        period,
        ir.Constant(_DOUBLES, [1.0] * LANES),
    )
    place = builder.sitofp(first, _DOUBLES)
    turns = floor(builder, builder.fdiv(place, period))
    first = builder.fptosi(builder.fsub(place, builder.fmul(turns, period)), _INTS)
    places = _neighbours(builder, first, taps)
    for _ in range(2):  # neighbours beyond a whole period are mirrored twice
        places = [_folded(builder, place, last) for place in places]
    return [_clamped(builder, place, last) for place in places]  # for an image of one pixel


def _folded(builder: Untyped, place: Untyped, last: Untyped) -> Untyped:
    return builder.sub(last, _absolute(builder, builder.sub(last, _absolute(builder, place))))


def _absolute(builder: Untyped, number: Untyped) -> Untyped:
    return call(builder, "smax", number, builder.sub(constant(_INTS, 0), number))


def _clamped(builder: Untyped, place: Untyped, last: Untyped) -> Untyped:
    return call(builder, "smax", call(builder, "smin", place, last), constant(_INTS, 0))


def _neighbours(builder: Untyped, first: Untyped, taps: int) -> list[Untyped]:
    return [builder.add(first, constant(_INTS, k)) for k in range(taps)]


def _zeros() -> Untyped:
    return ir.Constant(_FLOATS, [0.0] * LANES)


lose = border(_nothing)
repeat = border(_nearest)
mirror = border(_mirrored)


@intrinsic
def either(typing: Untyped, across: Untyped, down: Untyped) -> Untyped:
    """What is lost along one axis or the other.

    1 - (1 - a) (1 - b) is exactly 1 where a or b is, and 0 where both are.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        one = ir.Constant(_FLOATS, [1.0] * LANES)
        kept = builder.fmul(*(builder.fsub(one, lost) for lost in args))
        return builder.fsub(one, kept)

    return f32x16(f32x16, f32x16), generate
