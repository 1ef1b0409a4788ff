"""Turning: from rows to columns and back, in registers.

Registers are cheaply unpacked only within blocks of 16 bytes.  So both ways keep to such blocks.
"""

# ruff: noqa: ARG001  Numba prescribes what an intrinsic is called with.

from pixelmill_kernels import _llvm
from pixelmill_kernels._jit import Untyped, intrinsic, types


@intrinsic
def turn(
    typing: Untyped, source: Untyped, start: Untyped, like: Untyped, target: Untyped, begin: Untyped
) -> Untyped:
    """Write the columns of a block of rows, each as one vector, one after the other.

    There are as many rows as a vector has lanes, and each is as long as the tuple `like`.  Only 16
    bytes of every row are read: 8 columns of int16, 4 of float32.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        data = _llvm.Memory(context, builder, source, args[0])
        to = _llvm.Memory(context, builder, target, args[3])
        stride = context.get_constant(types.intp, like.count * _llvm.full(source.dtype).count)
        for n, column in enumerate(_columns(data, args[1], stride)):
            to.store(to.moved(args[4], n * column.type.count), column)
        return context.get_dummy_value()

    return types.void(source, types.intp, like, target, types.intp), generate


@intrinsic
def turn_back(
    typing: Untyped,
    like: Untyped,
    source: Untyped,
    start: Untyped,
    target: Untyped,
    begin: Untyped,
    pitch: Untyped,
) -> Untyped:
    """Write the rows of a block of columns, `pitch` apart: 16 bytes of each.

    The columns lie one after the other from `start` on, each as long as a vector of the array
    `like` has lanes.
    """

    def generate(context: Untyped, builder: Untyped, signature: Untyped, args: Untyped) -> Untyped:
        lanes, block = _llvm.full(like.dtype).count, 128 // source.dtype.bitwidth
        data = _llvm.Memory(context, builder, source, args[1])
        columns = [data.load(data.moved(args[2], n * lanes), lanes) for n in range(block)]
        rows = _llvm.unpacked(builder, columns, block)
        to = _llvm.Memory(context, builder, target, args[3])
        for r, place in enumerate(to.steps(args[4], args[5], lanes)):
            to.store(place, _block(builder, rows[r % block], r // block * block, block))
        return context.get_dummy_value()

    return (
        types.void(like, source, types.intp, target, types.intp, types.intp),
        generate,
    )


def _columns(data: _llvm.Memory, start: Untyped, stride: Untyped) -> list[Untyped]:
    """The first columns of as many rows as a vector has lanes: those that lie in 16 bytes.

    Registers are cheaply unpacked only within blocks of 16 bytes.  So the rows are put together
    from blocks while loading (rows i, i + block, ... side by side), and unpacked within them.
    """
    block, count = 128 // data.dtype.bitwidth, _llvm.REGISTER // data.dtype.bitwidth
    at = data.steps(start, stride, count)
    rows = []
    for i in range(block):
        parts = [data.load(at[r], block) for r in range(i, count, block)]
        while len(parts) > 1:
            pairs = zip(parts[::2], parts[1::2], strict=True)
            parts = [_llvm.joined(data.builder, low, high) for low, high in pairs]
        rows.append(parts[0])
    return _llvm.unpacked(data.builder, rows, block)


def _block(builder: Untyped, value: Untyped, first: int, count: int) -> Untyped:
    """`count` lanes of a vector from `first` on."""
    return _llvm.shuffled(builder, value, value, range(first, first + count))
