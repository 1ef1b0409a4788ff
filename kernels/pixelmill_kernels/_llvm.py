"""What the intrinsics of `simd` are made of: loads, stores, shuffles and arithmetic in LLVM."""

from collections.abc import Sequence

from pixelmill_kernels._jit import Untyped, cgutils, ir, types

LANES = 16
REGISTER = 512  # bits: 16 float32, 32 int16; LLVM splits them where registers are narrower
_INDEX = ir.IntType(32)


def element(dtype: Untyped) -> Untyped:
    """LLVM's type for one number."""
    return ir.FloatType() if dtype == types.float32 else ir.IntType(dtype.bitwidth)


def vector(dtype: Untyped, lanes: int = LANES) -> Untyped:
    """LLVM's type for `lanes` numbers."""
    return ir.VectorType(element(dtype), lanes)


def full(dtype: Untyped) -> Untyped:
    """LLVM's type for as many numbers as make a whole vector."""
    return vector(dtype, REGISTER // dtype.bitwidth)


class Memory:
    """An array's elements, by flat index; no alignment beyond the element's own is assumed."""

    def __init__(self, context: Untyped, builder: Untyped, kind: Untyped, array: Untyped) -> None:
        data = cgutils.create_struct_proxy(kind)(context, builder, array).data
        self._bytes = builder.bitcast(data, ir.IntType(8).as_pointer())
        self.builder = builder
        self.dtype = kind.dtype

    def load(self, index: Untyped, lanes: int = LANES) -> Untyped:
        kind = element(self.dtype) if lanes == 1 else vector(self.dtype, lanes)
        value = self.builder.load(self._at(index, kind))
        value.align = self.dtype.bitwidth // 8
        return value

    def row(self, index: Untyped, count: int) -> list[Untyped]:
        """`count` whole vectors, one after the other."""
        lanes = full(self.dtype).count
        return [self.load(self.moved(index, n * lanes), lanes) for n in range(count)]

    def store(self, index: Untyped, value: Untyped) -> None:
        self.builder.store(value, self._at(index, value.type)).align = self.dtype.bitwidth // 8

    def prefetch(self, index: Untyped) -> None:
        number, address = ir.IntType(32), ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [address, number, number, number])
        function = cgutils.get_or_insert_function(self.builder.module, kind, "llvm.prefetch.p0")
        # for reading, to stay in all levels, data
        hints = [ir.Constant(number, hint) for hint in (0, 3, 1)]
        self.builder.call(function, [self._at(index, ir.IntType(8)), *hints])

    def moved(self, index: Untyped, offset: int) -> Untyped:
        return self.builder.add(index, ir.Constant(index.type, offset))

    def steps(self, start: Untyped, step: Untyped, count: int) -> list[Untyped]:
        """`count` indices, `step` apart."""
        by = (self.builder.mul(step, ir.Constant(step.type, n)) for n in range(count))
        return [self.builder.add(start, distance) for distance in by]

    def _at(self, index: Untyped, kind: Untyped) -> Untyped:
        size = ir.Constant(index.type, self.dtype.bitwidth // 8)
        place = self.builder.gep(self._bytes, [self.builder.mul(index, size)])
        return self.builder.bitcast(place, kind.as_pointer())


def splat(builder: Untyped, scalar: Untyped, lanes: int = LANES) -> Untyped:
    """`scalar` in every lane."""
    undefined = ir.Constant(ir.VectorType(scalar.type, lanes), ir.Undefined)
    first = builder.insert_element(undefined, scalar, ir.Constant(_INDEX, 0))
    return shuffled(builder, first, undefined, [0] * lanes)


def shuffled(builder: Untyped, low: Untyped, high: Untyped, lanes: Sequence[int]) -> Untyped:
    """The named lanes of `low` and, counted on, of `high`."""
    mask = ir.VectorType(_INDEX, len(lanes))
    return builder.shuffle_vector(low, high, ir.Constant(mask, list(lanes)))


def constant(kind: Untyped, number: float) -> Untyped:
    return ir.Constant(kind, [number] * kind.count)


def call(builder: Untyped, name: str, *args: Untyped) -> Untyped:
    """One of LLVM's own functions on vectors of one type."""
    kind = args[0].type
    suffix = "f32" if kind.element == ir.FloatType() else f"i{kind.element.width}"
    function = cgutils.get_or_insert_function(
        builder.module,
        ir.FunctionType(kind, [kind] * len(args)),
        f"llvm.{name}.v{kind.count}{suffix}",
    )
    return builder.call(function, args)


def weighed(builder: Untyped, weight: Untyped, value: Untyped, total: Untyped) -> Untyped:
    """total + weight * value; of int16 the upper half of the product, which is one instruction."""
    if value.type == vector(types.float32):
        return call(builder, "fma", weight, value, total)
    wide = ir.VectorType(ir.IntType(32), value.type.count)
    product = builder.mul(builder.sext(weight, wide), builder.sext(value, wide))
    upper = builder.trunc(builder.lshr(product, constant(wide, 16)), value.type)
    return builder.add(total, upper)


def widened(builder: Untyped, value: Untyped, dtype: Untyped, signed: bool = False) -> Untyped:
    """Levels as float32."""
    kind = vector(dtype, value.type.count)
    if value.type == kind:
        return value
    # Through signed 32 bits: AVX2 converts those in one instruction, unsigned ones in five.
    wide = vector(types.int32, value.type.count)
    return builder.sitofp((builder.sext if signed else builder.zext)(value, wide), kind)


def centred(builder: Untyped, value: Untyped, shift: Untyped) -> Untyped:
    """Levels of 8 bits as int16, less 128, shifted left."""
    kind = vector(types.int16, value.type.count)
    shift = builder.trunc(shift, kind.element)
    middle = builder.shl(ir.Constant(kind.element, 128), shift)
    wide = builder.shl(builder.zext(value, kind), splat(builder, shift, kind.count))
    return builder.sub(wide, splat(builder, middle, kind.count))


def levelled(builder: Untyped, value: Untyped, shift: Untyped) -> Untyped:
    """The way back: shifted right, clamped, and 128 more."""
    shift = builder.trunc(shift, value.type.element)
    value = builder.ashr(value, splat(builder, shift, value.type.count))
    value = call(builder, "smax", value, constant(value.type, -128))
    value = call(builder, "smin", value, constant(value.type, 127))
    bytes_ = builder.trunc(value, vector(types.uint8, value.type.count))
    return builder.xor(bytes_, constant(bytes_.type, 0x80))


def narrowed(builder: Untyped, value: Untyped, dtype: Untyped) -> Untyped:
    """Whole levels of float32, clamped; nothing where the type stays."""
    kind = vector(dtype, value.type.count)
    if value.type == kind:
        return value
    # Clamped as integers: what a weighted mean of levels can reach fits 32 bits by far, and LLVM
    # turns this pattern into the saturating pack instructions.
    whole = builder.fptosi(value, vector(types.int32))
    whole = call(builder, "smax", whole, constant(whole.type, 0))
    whole = call(builder, "smin", whole, constant(whole.type, 2**dtype.bitwidth - 1))
    return builder.trunc(whole, kind)


def picked(builder: Untyped, pieces: list[Untyped], channel: int) -> Untyped:
    """The lanes of one channel from 16 interleaved pixels, gathered piece by piece.

    As one shuffle of 48 lanes it took LLVM twelve seconds to compile.
    """
    plane = pieces[0]
    for n, piece in enumerate(pieces):
        places = [channel + len(pieces) * j - n * LANES for j in range(LANES)]
        lanes = [LANES + p if 0 <= p < LANES else j for j, p in enumerate(places)]
        plane = shuffled(builder, plane, piece, lanes)
    return plane


def exchanged(
    builder: Untyped, values: list[Untyped], pairs: Sequence[tuple[int, int]]
) -> list[Untyped]:
    """Put the smaller of each two in the first place, the larger in the second."""
    values = list(values)
    for i, j in pairs:
        low, high = values[i], values[j]
        values[i], values[j] = call(builder, "umin", low, high), call(builder, "umax", low, high)
    return values


def woven_pixels(builder: Untyped, planes: list[Untyped]) -> list[Untyped]:
    """16 pixels put together from their channels: `picked` the other way round."""
    count = len(planes)
    pieces = []
    for n in range(count):
        places = [divmod(n * LANES + j, count) for j in range(LANES)]  # pixel, channel
        piece = planes[0]
        for channel, plane in enumerate(planes):
            lanes = [LANES + p if c == channel else j for j, (p, c) in enumerate(places)]
            if channel == 0:
                lanes = [p for p, _ in places]
            piece = shuffled(builder, piece, plane, lanes)
        pieces.append(piece)
    return pieces


def unpacked(builder: Untyped, rows: list[Untyped], block: int) -> list[Untyped]:
    """Perfect shuffles until the rows are columns, within each `block` of lanes."""
    half = len(rows) // 2
    for _ in range(len(rows).bit_length() - 1):
        rows = [
            _woven(builder, rows[i], rows[i + half], block, side)
            for i in range(half)
            for side in (0, 1)
        ]
    return rows


def _woven(builder: Untyped, low: Untyped, high: Untyped, block: int, side: int) -> Untyped:
    """In turns a lane of `low` and of `high`, from the lower or upper half of each block."""
    count = low.type.count
    lanes = [
        start + side * block // 2 + j // 2 + count * (j % 2)
        for start in range(0, count, block)
        for j in range(block)
    ]
    return shuffled(builder, low, high, lanes)


def joined(builder: Untyped, low: Untyped, high: Untyped) -> Untyped:
    """One vector of both."""
    return shuffled(builder, low, high, range(2 * low.type.count))
