"""Random numbers without a state: what is drawn at (y, x) is a function of the key, y and x alone.

Philox4x32-10 (Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011)
turns a counter of 128 bits into four words, so that any place can be drawn without the others, in
any order.  The counter is (block of the row, y, stream, 0).  A block is 16 counters, in the 16
lanes of a vector, and their 64 words: the first word of each, then the second of each ...
"""

import math

import numpy as np

from pixelmill_kernels._check import Array, expect_out
from pixelmill_kernels._jit import Untyped, kernel, piece

__all__ = ["bits", "normal", "uniform"]

BLOCK = 64
LANES = 16

# In kernels these make machine numbers, whose rules are not those that a type checker knows.
_f32: Untyped = np.float32
_i32: Untyped = np.int32
_u32: Untyped = np.uint32
_u64: Untyped = np.uint64
_ONE, _HALF_WORD = _u32(1), _u64(32)

# The constants of the paper: multipliers, and Weyl steps of the key (golden ratio, sqrt(3) - 1).
_M0, _M1 = _u64(0xD2511F53), _u64(0xCD9E8D57)
_W0, _W1 = _u32(0x9E3779B9), _u32(0xBB67AE85)

# -2 ln(1 + x) / x for x in [sqrt(1/2) - 1, sqrt(2) - 1], highest power first; sin and cos of a
# quarter turn times t, in t squared: fitted by least squares, weighed anew until the largest error
# was the smallest (9e-9, 3e-9 and 2e-10).  The logarithm and sine of the C library differ in their
# last bit between machines.
_LOG = tuple(
    np.array(
        [
            *(-0.1738584339618683, 0.29154229164123535, -0.3013518452644348, 0.3306581676006317),
            *(-0.3987768292427063, 0.5000657439231873, -0.6667001843452454, 0.999999463558197),
            -1.999999761581421,
        ],
        np.float32,
    )
)
_SIN = tuple(
    np.array(
        [
            *(0.00015082056052051485, -0.004672227893024683, 0.07968848198652267),
            *(-0.6459633708000183, 1.570796251296997),
        ],
        np.float32,
    )
)
_COS = tuple(
    np.array(
        [
            *(-2.3848338969401084e-05, 0.0009177887695841491, -0.020862750709056854),
            *(0.2536693513393402, -1.2337005138397217, 1.0),
        ],
        np.float32,
    )
)
_MINUS_TWO_LN_2 = _f32(-1.3862943611198906)
_NOTHING = np.empty(0)
_ROOT_HALF = _i32(0x3F3504F3)  # the bits of sqrt(1/2) as float32


def bits(
    key: int, shape: tuple[int, int], at: tuple[int, int] = (0, 0), out: Array | None = None
) -> Array:
    """Random words.

    Parameters
    ----------
    key : int
        0 to 2**64 - 1.
    shape : (height, width)
    at : (top, left)
        Where the array lies: what is drawn at (y, x) of it belongs to (top + y, left + x).
    out : uint32, shape (height, width), optional

    Returns
    -------
    uint32, shape (height, width)
        All 2**32 values are equally likely.
    """
    out = _expect(shape, at, np.uint32, out)
    _bits(_key_of(key), *at, out)
    return out


def uniform(
    key: int, shape: tuple[int, int], at: tuple[int, int] = (0, 0), out: Array | None = None
) -> Array:
    """Numbers in [0, 1): the upper 24 bits of `bits`, which float32 holds exactly.

    Parameters, errors: as `bits`; `out` is float32.
    """
    out = _expect(shape, at, np.float32, out)
    _uniform(_key_of(key), *at, out)
    return out


def normal(
    key: int, shape: tuple[int, int], at: tuple[int, int] = (0, 0), out: Array | None = None
) -> Array:
    """Normal numbers of mean 0 and spread 1, by the method of Box and Muller (1958).

    The largest is 6.66: that of the smallest of 2**31 radii.  The error is below 1e-6.
    Parameters, errors: as `bits`; `out` is float32.
    """
    out = _expect(shape, at, np.float32, out)
    _normal(_key_of(key), *at, out)
    return out


def _key_of(key: int) -> Untyped:
    """`key` as kernels take it; ValueError unless it has 64 bits."""
    if not 0 <= key < 2**64:
        raise ValueError(f"key must be 0 to 2**64 - 1, got {key}")
    return np.uint64(key)  # of one type: a plain int would be compiled for two


def _expect_place(at: tuple[int, int]) -> None:
    """Raise unless `at` is (top, left), both 0 or more."""
    if min(at) < 0 or max(at) >= 2**31:
        raise ValueError(f"at (top, left) must be 0 to 2**31 - 1, got {at}")


def _expect(shape: tuple[int, int], at: tuple[int, int], dtype: type, out: Array | None) -> Array:
    _expect_place(at)
    return expect_out(out, shape, dtype, _NOTHING)


@kernel
def _bits(key: int, top: int, left: int, out: Array) -> None:
    drawn, skip = _blocks_for(left, out.shape[1], _u32(0))
    for y in range(out.shape[0]):
        _draw_bits(key, 0, top + y, left // BLOCK, drawn)
        for x in range(out.shape[1]):
            out[y, x] = drawn[skip + x]


@kernel
def _uniform(key: int, top: int, left: int, out: Array) -> None:
    drawn, skip = _blocks_for(left, out.shape[1], _u32(0))
    for y in range(out.shape[0]):
        _draw_bits(key, 0, top + y, left // BLOCK, drawn)
        for x in range(out.shape[1]):
            out[y, x] = _f32(drawn[skip + x] >> _u32(8)) * _f32(2**-24)


@kernel
def _normal(key: int, top: int, left: int, out: Array) -> None:
    drawn, skip = _blocks_for(left, out.shape[1], _f32(0))
    for y in range(out.shape[0]):
        _draw_normals(key, 0, top + y, left // BLOCK, drawn)
        for x in range(out.shape[1]):
            out[y, x] = drawn[skip + x]


@piece
def _blocks_for(begin: int, count: int, like: Untyped) -> tuple[Array, int]:
    """Room for the blocks that hold `count` draws from `begin` on, and where the first one is."""
    skip = begin % BLOCK
    return np.full((skip + count + BLOCK - 1) // BLOCK * BLOCK, like), skip


@kernel
def _draw_bits(key: int, stream: int, y: int, first: int, out: Array) -> None:
    """Fill `out` (uint32, whole blocks) with the words of row `y` from block `first` on."""
    for block in range(out.size // BLOCK):
        for lane in range(LANES):
            i = _u64(block * BLOCK + lane)
            a, b, c, d = _philox((first + block) * LANES + lane, y, stream, key)
            out[i], out[i + _u64(LANES)] = a, b
            out[i + _u64(2 * LANES)], out[i + _u64(3 * LANES)] = c, d


@kernel
def _draw_normals(key: int, stream: int, y: int, first: int, out: Array) -> None:
    """Fill `out` (float32, whole blocks) with the normal numbers of row `y`."""
    for block in range(out.size // BLOCK):
        for lane in range(LANES):
            i = _u64(block * BLOCK + lane)
            a, b, c, d = _philox((first + block) * LANES + lane, y, stream, key)
            out[i], out[i + _u64(LANES)] = _two_normals(a, b)
            out[i + _u64(2 * LANES)], out[i + _u64(3 * LANES)] = _two_normals(c, d)


@piece
def _philox(first: int, second: int, third: int, key: int) -> Untyped:
    """The four words of the counter (first, second, third, 0)."""
    return _rounds(_u32(first), _u32(second), _u32(third), _u32(0), _u32(key), _u32(key >> 32))


@piece
def _rounds(a: Untyped, b: Untyped, c: Untyped, d: Untyped, k0: Untyped, k1: Untyped) -> Untyped:
    for _ in range(10):
        p, q = _u64(a) * _M0, _u64(c) * _M1
        a, b = _u32(_u32(q >> _HALF_WORD) ^ b ^ k0), _u32(q)
        c, d = _u32(_u32(p >> _HALF_WORD) ^ d ^ k1), _u32(p)
        k0, k1 = _u32(k0 + _W0), _u32(k1 + _W1)
    return a, b, c, d


@piece
def _two_normals(a: Untyped, b: Untyped) -> Untyped:
    """A point at a random distance on a random half turn, which the lowest bit makes a whole one.

    No fma: two roundings are the same on every machine, too.
    """
    share = _f32((_f32(_i32(a >> _ONE)) + _f32(0.5)) * _f32(2**-31))  # in (0, 1]
    scale = _i32(_i32(share.view(np.int32) - _ROOT_HALF) >> _i32(23))
    x = _i32(share.view(np.int32) - _i32(scale << _i32(23))).view(np.float32) - _f32(1)
    distance = _f32(math.sqrt(_f32(scale) * _MINUS_TWO_LN_2 + x * _series(_LOG, x)))
    turn = _f32(_i32(b)) * _f32(2**-31)  # in [-1, 1]
    side = _f32(_i32(b & _ONE) * _i32(2) - _i32(1))
    square = _f32(turn * turn)
    return side * distance * _series(_COS, square), distance * turn * _series(_SIN, square)


@piece
def _series(terms: Untyped, x: Untyped) -> Untyped:
    total = _f32(0)
    for term in terms:
        total = _f32(total * x + term)
    return total
