"""Digest: 128 bits that name an image by its pixels, whatever file they came from.

Two XXH64 digests with different seeds, taken in one pass: their multiplications fill each other's
waiting.  Fast and stable for ever, but not cryptographic: somebody who wants two images with one
digest can make them.

References
----------
"XXH64 algorithm description", xxHash, doc/xxhash_spec.md, 0.1.1.
"""

from typing import Any, TypeAlias

import numpy as np

from pixelmill_kernels._check import BANDS, NUMBERS, Array, expect_image, for_reading
from pixelmill_kernels._jit import kernel, piece
from pixelmill_kernels.simd import word

__all__ = ["pixel_digest"]

# XXH64's primes
ONE, TWO, THREE, FOUR, FIVE = (
    *(np.uint64(0x9E3779B185EBCA87), np.uint64(0xC2B2AE3D27D4EB4F)),
    *(np.uint64(0x165667B19E3779F9), np.uint64(0x85EBCA77C2B2AE63), np.uint64(0x27D4EB2F165667C5)),
)
Word: TypeAlias = np.unsignedinteger[Any]
Lanes: TypeAlias = tuple[Word, Word, Word, Word]

STRIPE = 32  # bytes: four lanes of eight


def pixel_digest(image: Array) -> str:
    """Name an image by its size, dtype and pixels.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1 to 16 channels, C-contiguous.

    Returns
    -------
    str, 32 hexadecimal digits
        The XXH64 of the pixels' bytes, little-endian, with seed A, then with seed B; A and B are
        the XXH64 of the header with seeds 0 and 1.  The header is height, width, channels and bits
        of a level (32 for float32) as four little-endian 64-bit numbers.  Two of a billion images
        share a digest with a chance below 2 in 10**21.
    """
    expect_image(image, NUMBERS, channels=BANDS)
    header = np.array([*image.shape, 8 * image.itemsize], "<u8").view(np.uint8)
    seeds = _digests(header, np.uint64(0), np.uint64(1))
    pixels = for_reading(image).reshape(-1).view(np.uint8)
    one, other = _digests(pixels, np.uint64(seeds[0]), np.uint64(seeds[1]))  # ints by now
    return f"{one:016x}{other:016x}"


@kernel
def _digests(data: Array, seed: Word, other: Word) -> tuple[Word, Word]:
    """XXH64 of uint8 `data` with each of two seeds."""
    a = (seed + ONE + TWO, seed + TWO, seed, seed - ONE)
    b = (other + ONE + TWO, other + TWO, other, other - ONE)
    whole = data.size // STRIPE * STRIPE
    for i in range(0, whole, STRIPE):
        words = (word(data, i), word(data, i + 8), word(data, i + 16), word(data, i + 24))
        a = _lanes(a, words)
        b = _lanes(b, words)
    if whole:
        one, two = _merged(a), _merged(b)
    else:
        one, two = seed + FIVE, other + FIVE
    size = np.uint64(data.size)
    return _ended(data, whole, one + size), _ended(data, whole, two + size)


@piece
def _turned(value: Word, bits: int) -> Word:
    return (value << np.uint64(bits)) | (value >> np.uint64(64 - bits))


@piece
def _round(lane: Word, value: Word) -> Word:
    return _turned(lane + value * TWO, 31) * ONE


@piece
def _lanes(lanes: Lanes, words: Lanes) -> Lanes:
    return (
        _round(lanes[0], words[0]),
        _round(lanes[1], words[1]),
        _round(lanes[2], words[2]),
        _round(lanes[3], words[3]),
    )


@piece
def _merged(lanes: Lanes) -> Word:
    """Four lanes made one."""
    value = _turned(lanes[0], 1) + _turned(lanes[1], 7)
    value += _turned(lanes[2], 12) + _turned(lanes[3], 18)
    for lane in lanes:
        value = (value ^ _round(np.uint64(0), lane)) * ONE + FOUR
    return value


@kernel
def _ended(data: Array, start: int, value: Word) -> Word:
    """The bytes after the last stripe, and the last mixing."""
    words = (data.size - start) // 8 * 8 + start
    for i in range(start, words, 8):
        value = _turned(value ^ _round(np.uint64(0), word(data, i)), 27) * ONE + FOUR
    if words + 4 <= data.size:
        half = np.uint64(0)
        for i in range(4):
            half |= np.uint64(data[words + i]) << np.uint64(8 * i)
        value = _turned(value ^ (half * ONE), 23) * TWO + THREE
        words += 4
    for i in range(words, data.size):
        value = _turned(value ^ (np.uint64(data[i]) * FIVE), 11) * ONE
    value = (value ^ (value >> np.uint64(33))) * TWO
    value = (value ^ (value >> np.uint64(29))) * THREE
    return value ^ (value >> np.uint64(32))
