"""Networks: exchanges that leave the smaller of two in the first place, the larger in the second.

They sort vectors, lane by lane, without a branch.  A median of a square takes two: one sorts each
column of the square, and is done once for all the squares that share the column; the other finds
the middle of sorted columns, of which element k of column c has the number c * side + k.
"""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, cgutils, intrinsic, ir, types

LEVELS = 64  # in a vector: one register of AVX-512 where they are bytes

# Knuth, The Art of Computer Programming 3, 5.3.4: the fewest exchanges for three and for five.
SORT = {
    3: ((0, 2), (0, 1), (1, 2)),
    5: ((0, 3), (1, 4), (0, 2), (1, 3), (0, 1), (2, 4), (1, 2), (3, 4), (2, 3)),
}

# The median of: the largest of the low ones, the median of the middle ones, the smallest of the
# high ones.
_MIDDLE_OF_9 = (
    *((0, 3), (3, 6), (1, 4), (4, 7), (1, 4), (2, 5), (2, 8)),
    *((2, 4), (4, 6), (2, 4)),
)

# Found by leaving exchanges out of Batcher's network, and trying others, as long as all 7,776
# patterns of zeros and ones in five sorted columns came out right: 80 minima and maxima.
_MIDDLE_OF_25 = (
    *((23, 13), (5, 20), (22, 7), (7, 17), (23, 18), (16, 21), (6, 23), (1, 8), (2, 22)),
    *((24, 19), (3, 23), (9, 24), (10, 20), (12, 22), (4, 9), (3, 11), (12, 7), (2, 15)),
    *((11, 21), (8, 18), (1, 16), (17, 22), (0, 20), (14, 19), (4, 14), (11, 16), (24, 9)),
    *((24, 14), (0, 11), (6, 11), (7, 4), (8, 16), (3, 8), (23, 13), (23, 16), (15, 7)),
    *((8, 23), (23, 24), (10, 7), (11, 15), (15, 8), (4, 17), (23, 21), (4, 20), (5, 8)),
    *((7, 23), (4, 7), (7, 12), (20, 23), (8, 20), (8, 12), (12, 20)),
)

MIDDLE = {3: _MIDDLE_OF_9, 5: _MIDDLE_OF_25}
"""Exchanges after which element side * side // 2 is the middle of the square."""


@intrinsic
def sort_columns(
    typing: Untyped, source: Untyped, rows: Untyped, target: Untyped, pitch: Untyped
) -> Untyped:
    """Sort what is at the indices `rows`, and at the 63 after them.

    The least go to `target[0]` and on, the second least to `target[pitch]` and on, and so forth.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, source, args[0])
        places = cgutils.unpack_tuple(builder, args[1], rows.count)
        column = [data.load(place, LEVELS) for place in places]
        column = _llvm.exchanged(builder, column, SORT[rows.count])
        to, first = _llvm.Memory(context, builder, target, args[2]), ir.Constant(args[3].type, 0)
        for at, value in zip(to.steps(first, args[3], rows.count), column, strict=True):
            to.store(at, value)
        return context.get_dummy_value()

    return types.void(source, rows, target, types.intp), generate


def _medians(columns_are_sorted: bool) -> Untyped:
    """An intrinsic that writes the medians of 64 squares, of elements at rows[k] + c * step."""

    @intrinsic
    def store_medians(
        typing: Untyped,
        source: Untyped,
        rows: Untyped,
        step: Untyped,
        target: Untyped,
        index: Untyped,
    ) -> Untyped:
        def generate(
            context: Untyped, builder: Untyped, signature: Untyped, args: Untyped
        ) -> Untyped:
            data, side = _llvm.Memory(context, builder, source, args[0]), rows.count
            lines = cgutils.unpack_tuple(builder, args[1], side)
            starts = [data.steps(line, args[2], side) for line in lines]
            values = []
            for c in range(side):
                column = [data.load(start[c], LEVELS) for start in starts]
                pairs = () if columns_are_sorted else SORT[side]
                values += _llvm.exchanged(builder, column, pairs)
            middle = _llvm.exchanged(builder, values, MIDDLE[side])[side * side // 2]
            _llvm.Memory(context, builder, target, args[3]).store(args[4], middle)
            return context.get_dummy_value()

        return types.void(source, rows, types.intp, target, types.intp), generate

    return store_medians


@intrinsic
def store_two_medians(
    typing: Untyped,
    source: Untyped,
    rows: Untyped,
    step: Untyped,
    target: Untyped,
    indices: Untyped,
) -> Untyped:
    """Write the medians of 64 squares of three and of the 64 below them, of four `rows` in all.

    The two rows that they share are put in order once: a sixth less time than one after the other.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, source, args[0])
        lines = cgutils.unpack_tuple(builder, args[1], 4)
        starts = [data.steps(line, args[2], 3) for line in lines]
        squares: list[list[Untyped]] = [[], []]
        for c in range(3):
            above, *shared, below = (data.load(start[c], LEVELS) for start in starts)
            shared = _llvm.exchanged(builder, shared, ((0, 1),))
            for square, outer in zip(squares, (above, below), strict=True):
                square += _llvm.exchanged(builder, [outer, *shared], ((0, 1), (1, 2)))
        to = _llvm.Memory(context, builder, target, args[3])
        for at, square in zip(cgutils.unpack_tuple(builder, args[4], 2), squares, strict=True):
            to.store(at, _llvm.exchanged(builder, square, MIDDLE[3])[4])
        return context.get_dummy_value()

    return types.void(source, rows, types.intp, target, indices), generate


store_median = _medians(columns_are_sorted=False)
store_middle = _medians(columns_are_sorted=True)
