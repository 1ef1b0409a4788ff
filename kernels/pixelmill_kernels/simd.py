"""Vectors for kernels: a Numba type that is an LLVM vector of 16 floats, and what is done with it.

Numba's own vectoriser gives up on interleaved bytes: a plain loop of the resize ran at a ninth of
the speed (0.94-1.56 ms against 0.17 ms).  The functions below write the vector instructions
themselves.  They say nothing of a machine: LLVM lowers 16 lanes to one AVX-512 register, two of
AVX2 or four of SSE and NEON, and every lane is computed alone and rounded once, so that the bytes
are the same on all of them.

All addresses are an array and a flat index into it, in elements; nothing is checked in the loop.
"""

from collections.abc import Sequence
from typing import Any

from pixelmill_kernels._jit import Untyped, cgutils, intrinsic, ir, models, register_model, types

LANES = 16

_F32 = ir.VectorType(ir.FloatType(), LANES)
_I32 = ir.VectorType(ir.IntType(32), LANES)
_INDEX = ir.IntType(32)


class Float32x16(types.Type):  # type: ignore[misc]  # Numba's classes carry no types
    """Sixteen float32 in vector registers."""

    def __init__(self) -> None:
        super().__init__(name="Float32x16")


@register_model(Float32x16)
class _Float32x16Model(models.PrimitiveModel):  # type: ignore[misc]  # as above
    def __init__(self, manager: Untyped, kind: Untyped) -> None:
        super().__init__(manager, kind, _F32)


f32x16 = Float32x16()


@intrinsic
def splat(typing: Untyped, scalar: Untyped) -> Untyped:
    """The float32 `scalar` in every lane."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return _splat(builder, args[0])

    return f32x16(types.float32), generate


@intrinsic
def splat_at(typing: Untyped, array: Untyped, index: Untyped) -> Untyped:
    """One float32 of `array` in every lane."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        address = _address(context, builder, signature.args[0], *args, ir.FloatType())
        return _splat(builder, builder.load(address))

    return f32x16(array, types.intp), generate


@intrinsic
def load(typing: Untyped, array: Untyped, index: Untyped) -> Untyped:
    """16 elements of a uint8, uint16 or float32 array, as float32."""
    element = _element(array.dtype)

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        vector = ir.VectorType(element, LANES)
        value = builder.load(_address(context, builder, signature.args[0], *args, vector))
        value.align = array.dtype.bitwidth // 8
        return _widened(builder, value)

    return f32x16(array, types.intp), generate


@intrinsic
def store(typing: Untyped, array: Untyped, index: Untyped, value: Untyped) -> Untyped:
    """Write 16 float32 into an array, clamped to the array's range and cut to whole levels."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        levels = _narrowed(builder, args[2], array.dtype)
        address = _address(context, builder, signature.args[0], *args[:2], levels.type)
        builder.store(levels, address).align = array.dtype.bitwidth // 8
        return context.get_dummy_value()

    return types.void(array, types.intp, f32x16), generate


@intrinsic
def add(typing: Untyped, left: Untyped, right: Untyped) -> Untyped:
    """left + right."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        return builder.fadd(*args)

    return f32x16(f32x16, f32x16), generate


@intrinsic
def fma_all(
    typing: Untyped, weight: Untyped, array: Untyped, index: Untyped, totals: Untyped
) -> Untyped:
    """A tuple of vectors: totals[n] + weight * the float32 vector at `index` + 16 n.

    Each is rounded once, on machines without the instruction too.  One function serves any number
    of sums: the length of the tuple is part of its type.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        weight_, array_, index_, totals_ = args
        multiply_add = _intrinsic(builder, "llvm.fma", _F32, 3)
        sums = []
        for n, total in enumerate(cgutils.unpack_tuple(builder, totals_, totals.count)):
            at = builder.add(index_, ir.Constant(index_.type, n * LANES))
            value = builder.load(_address(context, builder, array, array_, at, _F32))
            value.align = 4
            sums.append(builder.call(multiply_add, [weight_, value, total]))
        return context.make_tuple(builder, totals, sums)

    return totals(f32x16, array, types.intp, totals), generate


@intrinsic
def load_all(typing: Untyped, array: Untyped, index: Untyped, like: Untyped) -> Untyped:
    """As many vectors of float32 as the tuple `like` has, one after the other."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        values = []
        for n in range(like.count):
            at = builder.add(args[1], ir.Constant(args[1].type, n * LANES))
            values.append(builder.load(_address(context, builder, array, args[0], at, _F32)))
            values[-1].align = 4
        return context.make_tuple(builder, like, values)

    return like(array, types.intp, like), generate


@intrinsic
def store_all(typing: Untyped, array: Untyped, index: Untyped, values: Untyped) -> Untyped:
    """Write a tuple of vectors into a float32 array, one after the other."""

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        for n, value in enumerate(cgutils.unpack_tuple(builder, args[2], values.count)):
            at = builder.add(args[1], ir.Constant(args[1].type, n * LANES))
            builder.store(value, _address(context, builder, array, args[0], at, _F32)).align = 4
        return context.get_dummy_value()

    return types.void(array, types.intp, values), generate


@intrinsic
def transpose(
    typing: Untyped,
    source: Untyped,
    start: Untyped,
    stride: Untyped,
    target: Untyped,
    begin: Untyped,
    pitch: Untyped,
) -> Untyped:
    """Turn the 16 x 16 float32 at `source[start]` into the columns of `target[begin]`.

    Row r is read at start + r * stride; column r is written at begin + r * pitch, clamped and cut
    as `store` does.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        source_, start_, stride_, target_, begin_, pitch_ = args
        at = _steps(builder, start_, stride_)
        if target.dtype == types.float32:
            turned = _turned_floats(context, builder, source, source_, at)
        else:
            rows = [builder.load(_address(context, builder, source, source_, i, _F32)) for i in at]
            for row in rows:
                row.align = 4
            turned = _turned_levels(builder, [_narrowed(builder, r, target.dtype) for r in rows])
        for row, index in zip(turned, _steps(builder, begin_, pitch_), strict=True):
            address = _address(context, builder, target, target_, index, row.type)
            builder.store(row, address).align = target.dtype.bitwidth // 8
        return context.get_dummy_value()

    return types.void(source, types.intp, types.intp, target, types.intp, types.intp), generate


def channels_of(channels: int) -> Untyped:
    """An intrinsic `(array, index) -> channels x Float32x16` that takes 16 pixels apart."""

    @intrinsic
    def load_channels(typing: Untyped, array: Untyped, index: Untyped) -> Untyped:
        element = _element(array.dtype)
        result = types.UniTuple(f32x16, channels)

        def generate(
            context: Untyped, builder: Untyped, signature: Untyped, args: Untyped
        ) -> Untyped:
            vector = ir.VectorType(element, LANES * channels)
            pixels = builder.load(_address(context, builder, signature.args[0], *args, vector))
            pixels.align = array.dtype.bitwidth // 8
            planes = [
                _widened(builder, _shuffled(builder, pixels, pixels, range(c, 99, channels)))
                for c in range(channels)
            ]
            return context.make_tuple(builder, result, planes)

        return result(array, types.intp), generate

    return load_channels


def network(pairs: Sequence[tuple[int, int]], side: int, lanes: int) -> Untyped:
    """An intrinsic that sorts a side x side neighbourhood and stores its middle element.

    `(source, rows, step, target, index)`: for each of `lanes` places, the neighbours lie at
    rows[r] + c * step; `pairs` are the exchanges of a sorting network.  Exchanges that the middle
    does not depend on cost nothing: LLVM leaves out what nobody reads.
    """

    @intrinsic
    def store_median(
        typing: Untyped,
        source: Untyped,
        rows: Untyped,
        step: Untyped,
        target: Untyped,
        index: Untyped,
    ) -> Untyped:
        vector = ir.VectorType(_element(source.dtype), lanes)

        def generate(
            context: Untyped, builder: Untyped, signature: Untyped, args: Untyped
        ) -> Untyped:
            source_, rows_, step_, target_, index_ = args
            values = []
            for row in cgutils.unpack_tuple(builder, rows_, side):
                for at in _steps(builder, row, step_, side):
                    value = builder.load(_address(context, builder, source, source_, at, vector))
                    value.align = source.dtype.bitwidth // 8
                    values.append(value)
            _exchange(builder, values, pairs)
            address = _address(context, builder, target, target_, index_, vector)
            builder.store(values[len(values) // 2], address).align = source.dtype.bitwidth // 8
            return context.get_dummy_value()

        places = types.UniTuple(types.intp, side)
        return types.void(source, places, types.intp, target, types.intp), generate

    return store_median


def _exchange(builder: Untyped, values: list[Untyped], pairs: Sequence[tuple[int, int]]) -> None:
    kind = values[0].type
    smallest, largest = (_intrinsic(builder, f"llvm.{name}", kind, 2) for name in ("umin", "umax"))
    for i, j in pairs:
        both = [values[i], values[j]]
        values[i], values[j] = builder.call(smallest, both), builder.call(largest, both)


def _element(dtype: Untyped) -> Untyped:
    return ir.FloatType() if dtype == types.float32 else ir.IntType(dtype.bitwidth)


def _address(
    context: Untyped, builder: Untyped, kind: Untyped, array: Untyped, index: Untyped, to: Untyped
) -> Untyped:
    data = cgutils.create_struct_proxy(kind)(context, builder, array).data
    data = builder.bitcast(data, ir.IntType(8).as_pointer())
    offset = builder.mul(index, ir.Constant(index.type, kind.dtype.bitwidth // 8))
    return builder.bitcast(builder.gep(data, [offset]), to.as_pointer())


def _steps(builder: Untyped, start: Untyped, step: Untyped, count: int = LANES) -> list[Untyped]:
    return [
        builder.add(start, builder.mul(step, ir.Constant(step.type, n))) for n in range(count)
    ]


def _splat(builder: Untyped, scalar: Untyped) -> Untyped:
    undefined = ir.Constant(_F32, ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.Constant(_INDEX, 0))
    return _shuffled(builder, first, undefined, [0] * LANES)


def _shuffled(builder: Untyped, low: Untyped, high: Untyped, lanes: Any) -> Untyped:
    mask = ir.VectorType(_INDEX, LANES)
    return builder.shuffle_vector(low, high, ir.Constant(mask, list(lanes)[:LANES]))


def _widened(builder: Untyped, value: Untyped) -> Untyped:
    if value.type == _F32:
        return value
    # Through signed 32 bits: AVX2 converts those in one instruction, unsigned ones in five.
    return builder.sitofp(builder.zext(value, _I32), _F32)


def _narrowed(builder: Untyped, value: Untyped, dtype: Untyped) -> Untyped:
    if dtype == types.float32:
        return value
    # Clamped as integers: what a weighted mean of levels can reach fits 32 bits by far, and LLVM
    # turns this pattern into the saturating pack instructions.
    whole = builder.fptosi(value, _I32)
    for name, bound in (("smax", 0), ("smin", 2**dtype.bitwidth - 1)):
        limit = ir.Constant(_I32, [bound] * LANES)
        whole = builder.call(_intrinsic(builder, f"llvm.{name}", _I32, 2), [whole, limit])
    return builder.trunc(whole, ir.VectorType(_element(dtype), LANES))


def _turned_floats(
    context: Untyped, builder: Untyped, kind: Untyped, array: Untyped, at: list[Untyped]
) -> list[Untyped]:
    """Transpose by quarters: what would move halves of registers is done while loading.

    A vector is put together from the same four columns of rows i, i + 4, i + 8 and i + 12; two
    rounds of unpacking within quarters then give whole columns.  44 ns became 25 for a block.
    """
    columns: list[Untyped] = []
    for quarter in range(0, LANES, 4):
        rows = []
        for i in range(4):
            parts = [
                _quarter(context, builder, kind, array, at[row], quarter)
                for row in range(i, LANES, 4)
            ]
            halves = [_joined(builder, *parts[:2]), _joined(builder, *parts[2:])]
            rows.append(_joined(builder, *halves))
        evens = [_woven(builder, rows[0], rows[2], side) for side in (0, 1)]
        odds = [_woven(builder, rows[1], rows[3], side) for side in (0, 1)]
        for even, odd in zip(evens, odds, strict=True):
            columns += [_woven(builder, even, odd, side) for side in (0, 1)]
    return columns


def _quarter(
    context: Untyped, builder: Untyped, kind: Untyped, array: Untyped, at: Untyped, offset: int
) -> Untyped:
    index = builder.add(at, ir.Constant(at.type, offset))
    four = ir.VectorType(ir.FloatType(), 4)
    value = builder.load(_address(context, builder, kind, array, index, four))
    value.align = 4
    return value


def _joined(builder: Untyped, low: Untyped, high: Untyped) -> Untyped:
    count = 2 * low.type.count
    return builder.shuffle_vector(
        low, high, ir.Constant(ir.VectorType(_INDEX, count), list(range(count)))
    )


def _woven(builder: Untyped, low: Untyped, high: Untyped, side: int) -> Untyped:
    """Within each four lanes: one of `low`, one of `high`, and again, from their lower or upper half."""
    lanes = [
        block + 2 * side + j // 2 + LANES * (j % 2) for block in range(0, LANES, 4) for j in range(4)
    ]
    return _shuffled(builder, low, high, lanes)


def _turned_levels(builder: Untyped, rows: list[Untyped]) -> list[Untyped]:
    """Four perfect shuffles: each is one unpack instruction for vectors of 16 bytes."""
    half = LANES // 2
    for _ in range(4):
        turned = []
        for i in range(half):
            for first in (0, half):
                lanes = [first + j // 2 + LANES * (j % 2) for j in range(LANES)]
                turned.append(_shuffled(builder, rows[i], rows[i + half], lanes))
        rows = turned
    return rows


def _intrinsic(builder: Untyped, name: str, kind: Untyped, arguments: int) -> Untyped:
    element = "f32" if kind == _F32 else f"i{kind.element.width}"
    function = ir.FunctionType(kind, [kind] * arguments)
    return cgutils.get_or_insert_function(
        builder.module, function, f"{name}.v{kind.count}{element}"
    )


