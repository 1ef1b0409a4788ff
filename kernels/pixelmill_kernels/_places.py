"""Places: where in the source sixteen neighbours of an output row lie, in vector registers.

A place is a pixel index, whole (int32) and fraction (float32, 0 to 1): 2.0 is the centre of the
third pixel.  Large numbers are whole or float64, so that the fraction is as good in a large image.
"""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, cgutils, intrinsic, ir, types
from pixelmill_kernels._llvm import LANES
from pixelmill_kernels.simd import Vector, f32x16

i32x16 = Vector(types.int32)

FAR = 2.0**30  # pixels: places beyond are taken as this far out, so that they fit 32 bits

_DOUBLES = ir.VectorType(ir.DoubleType(), LANES)
_INTS = ir.VectorType(ir.IntType(32), LANES)
_FLOATS = ir.VectorType(ir.FloatType(), LANES)
_LONGS = ir.VectorType(ir.IntType(64), LANES)
_ALONG = ir.Constant(_DOUBLES, [float(n) for n in range(LANES)])


@intrinsic
def step(
    typing: Untyped, wholes: Untyped, parts: Untyped, n: Untyped, whole: Untyped, part: Untyped
) -> Untyped:
    """(whole, fraction) of the distances n to n + 15 of a table, counted from whole + part."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        far = _llvm.Memory(context, builder, wholes, args[0]).load(args[2])
        more = _llvm.Memory(context, builder, parts, args[1]).load(args[2])
        start = builder.trunc(args[3], ir.IntType(32))
        left = builder.add(far, _llvm.splat(builder, start))
        rest = builder.fptrunc(args[4], ir.FloatType())
        sum_ = builder.fadd(more, _llvm.splat(builder, rest))
        one = ir.Constant(_FLOATS, [1.0] * LANES)
        over = builder.fcmp_ordered(">=", sum_, one)
        places = [
            builder.select(over, builder.add(left, _llvm.constant(_INTS, 1)), left),
            builder.select(over, builder.fsub(sum_, one), sum_),
        ]
        return context.make_tuple(builder, signature.return_type, places)

    return _PLACE(wholes, parts, types.intp, types.intp, types.float64), generate


@intrinsic
def project(
    typing: Untyped, above: Untyped, by: Untyped, depth: Untyped, lean: Untyped, shift: Untyped
) -> Untyped:
    """(whole, fraction) across, and down, of (above + by * n) / (depth + lean * n) + shift.

    `above` and `by` are pairs: across and down.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        starts, steps = (cgutils.unpack_tuple(builder, pair, 2) for pair in args[:2])
        one = ir.Constant(_DOUBLES, [1.0] * LANES)
        share = builder.fdiv(one, _line(builder, *args[2:4]))  # a division costs ten products
        shift = _llvm.splat(builder, args[4])
        parts: list[Untyped] = []
        for start, step in zip(starts, steps, strict=True):
            place = builder.fadd(builder.fmul(_line(builder, start, step), share), shift)
            parts += split(builder, place)
        return context.make_tuple(builder, signature.return_type, parts)

    pair, number = types.UniTuple(types.float64, 2), types.float64
    result = types.Tuple((i32x16, f32x16, i32x16, f32x16))
    return result(pair, pair, number, number, number), generate


@intrinsic
def take(
    typing: Untyped, field: Untyped, index: Untyped, shift: Untyped, start: Untyped, by: Untyped
) -> Untyped:
    """(whole, fraction) of start + by * n + shift + field[index + n].

    `field` is float32; `start` and `by` are whole, so that they cost it no precision.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, field, args[0]).load(args[1])
        shift = _llvm.splat(builder, builder.fptrunc(args[2], ir.FloatType()))
        whole, fraction = split(builder, builder.fadd(data, shift))
        start, by = (_llvm.splat(builder, builder.trunc(arg, ir.IntType(32))) for arg in args[3:])
        along = builder.mul(by, ir.Constant(_INTS, list(range(LANES))))
        whole = builder.add(whole, builder.add(start, along))
        return context.make_tuple(builder, signature.return_type, [whole, fraction])

    return _PLACE(field, types.intp, types.float64, types.intp, types.intp), generate


@intrinsic
def all_finite(typing: Untyped, field: Untyped, index: Untyped) -> Untyped:
    """Whether none of the sixteen float32 from `index` on is infinite or no number."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, field, args[0]).load(args[1])
        exponent = _llvm.constant(_INTS, 0x7F800000)
        bits = builder.and_(builder.bitcast(data, _INTS), exponent)
        return _everywhere(builder, builder.icmp_signed("!=", bits, exponent))

    return types.boolean(field, types.intp), generate


@intrinsic
def all_within(typing: Untyped, whole: Untyped, count: Untyped) -> Untyped:
    """Whether 0 <= whole < count in every lane."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return _everywhere(builder, _below(builder, *args))

    return types.boolean(i32x16, types.intp), generate


@intrinsic
def all_beyond(typing: Untyped, whole: Untyped, margin: Untyped, count: Untyped) -> Untyped:
    """Whether whole < -margin or whole >= count in every lane."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        margin = _llvm.splat(builder, builder.trunc(args[1], ir.IntType(32)))
        count = builder.add(args[1], args[2])
        near = _below(builder, builder.add(args[0], margin), count)
        return _everywhere(builder, builder.not_(near))

    return types.boolean(i32x16, types.intp, types.intp), generate


@intrinsic
def store_places(
    typing: Untyped,
    left: Untyped,
    top: Untyped,
    across: Untyped,
    down: Untyped,
    places: Untyped,
    index: Untyped,
) -> Untyped:
    """Write left * across + top * down of sixteen places into an array of int64 or int32."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        at = (_flat if places.dtype == types.int64 else _flat_in_half)(builder, *args[:4])
        _llvm.Memory(context, builder, places, args[4]).store(args[5], at)
        return context.get_dummy_value()

    number = types.intp
    return types.void(i32x16, i32x16, number, number, places, number), generate


@intrinsic
def store_inside(
    typing: Untyped,
    left: Untyped,
    top: Untyped,
    size: Untyped,
    across: Untyped,
    down: Untyped,
    places: Untyped,
    index: Untyped,
) -> Untyped:
    """The same, and -1 for a place outside an image of `size` (height, width)."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        left, top, size, across, down = args[:5]
        height, width = cgutils.unpack_tuple(builder, size, 2)
        inside = builder.and_(_below(builder, left, width), _below(builder, top, height))
        none = ir.Constant(_LONGS, [-1] * LANES)
        at = builder.select(inside, _flat(builder, left, top, across, down), none)
        _llvm.Memory(context, builder, places, args[5]).store(args[6], at)
        return context.get_dummy_value()

    number = types.intp
    return types.void(i32x16, i32x16, size, number, number, places, number), generate


def _flat(builder: Untyped, left: Untyped, top: Untyped, across: Untyped, down: Untyped) -> Untyped:
    # by way of 32 bits: LLVM multiplies in one step where it sees that no more are used
    one, other = (
        builder.sext(_llvm.splat(builder, builder.trunc(step, ir.IntType(32))), _LONGS)
        for step in (across, down)
    )
    return builder.add(
        builder.mul(builder.sext(left, _LONGS), one), builder.mul(builder.sext(top, _LONGS), other)
    )


def _flat_in_half(
    builder: Untyped, left: Untyped, top: Untyped, across: Untyped, down: Untyped
) -> Untyped:
    """In 32 bits, half the instructions: for images of less than 2**31 numbers."""
    one, other = (
        _llvm.splat(builder, builder.trunc(step, ir.IntType(32))) for step in (across, down)
    )
    return builder.add(builder.mul(left, one), builder.mul(top, other))


def _below(builder: Untyped, number: Untyped, bound: Untyped) -> Untyped:
    """0 <= number < bound: as a number without a sign, what is negative is large."""
    bound = _llvm.splat(builder, builder.trunc(bound, ir.IntType(32)))
    return builder.icmp_unsigned("<", number, bound)


def split(builder: Untyped, place: Untyped) -> tuple[Untyped, Untyped]:
    """The whole part of sixteen float64 or float32, and the fraction above it."""
    for sign, bound in ((">", -FAR), ("<", FAR)):
        # 0 / 0 of a projection is no number: every comparison with it fails, and it is far out
        limit = ir.Constant(place.type, [bound] * LANES)
        place = builder.select(builder.fcmp_ordered(sign, place, limit), place, limit)
    below = floor(builder, place)
    fraction = builder.fsub(place, below)
    if place.type != _FLOATS:
        fraction = builder.fptrunc(fraction, _FLOATS)
    return builder.fptosi(below, _INTS), fraction


def floor(builder: Untyped, numbers: Untyped) -> Untyped:
    suffix = "f32" if numbers.type == _FLOATS else "f64"
    kind = ir.FunctionType(numbers.type, [numbers.type])
    name = f"llvm.floor.v{LANES}{suffix}"
    return builder.call(cgutils.get_or_insert_function(builder.module, kind, name), [numbers])


def _line(builder: Untyped, start: Untyped, by: Untyped) -> Untyped:
    steps = builder.fmul(_llvm.splat(builder, by), _ALONG)
    return builder.fadd(_llvm.splat(builder, start), steps)


def _everywhere(builder: Untyped, truth: Untyped) -> Untyped:
    bits = builder.bitcast(truth, ir.IntType(LANES))
    return builder.icmp_unsigned("==", bits, ir.Constant(bits.type, -1))


_PLACE = types.Tuple((i32x16, f32x16))
