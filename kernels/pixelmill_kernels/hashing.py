"""Hashing: 64 bits that stay nearly the same when an image is scaled, recompressed or brightened.

Near-duplicates are found by the number of bits in which two hashes differ.  The bits are those of
the ImageHash package, 4.3, on Pillow 13, in the same order: `f"{hash:016x}"` is its text.
"""

from functools import lru_cache

import numpy as np

from pixelmill_kernels._check import Array, expect_image, for_reading
from pixelmill_kernels._jit import kernel
from pixelmill_kernels._thumbnail import thumbnail
from pixelmill_kernels.filters import _sine

__all__ = ["average_hash", "difference_hash", "hamming", "perceptual_hash"]

SIDE = 8
SAMPLES = 32  # of the image that the cosine transform is made of
BYTES = (np.dtype(np.uint8),)


def average_hash(image: Array) -> int:
    """Which of 8 x 8 gray pixels are lighter than their mean.

    Parameters
    ----------
    image : uint8, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous.  Colours are taken as their `grayscale`.

    Returns
    -------
    int, 0 to 2**64 - 1
        The first pixel is the highest bit.

    References
    ----------
    Krawetz, "Looks like it", hackerfactor.com, 2011.
    """
    small = _small(image, SIDE, SIDE).astype(np.int64)
    return _packed(small * small.size > small.sum())


def difference_hash(image: Array) -> int:
    """Which of 8 x 8 gray pixels are darker than their right neighbour.

    Parameters, result and errors are those of `average_hash`.

    References
    ----------
    Krawetz, "Kind of like that", hackerfactor.com, 2013.
    """
    small = _small(image, SIDE, SIDE + 1)
    return _packed(small[:, 1:] > small[:, :-1])


def perceptual_hash(image: Array) -> int:
    """Which of the 8 x 8 lowest frequencies of 32 x 32 gray pixels are stronger than their median.

    Parameters, result and errors are those of `average_hash`.  Frequencies that are the same but
    for rounding, as those of a drawing that is its own mirror image, come exactly equal here; there
    ImageHash's bits are those of the rounding.

    References
    ----------
    Krawetz, "Looks like it", hackerfactor.com, 2011; DCT-II without scaling.
    """
    strengths = np.empty((SIDE, SIDE))
    _lowest(_small(image, SAMPLES, SAMPLES), _cosines(), strengths)
    middle = np.sort(strengths, axis=None)[SIDE * SIDE // 2 - 1 :][:2]
    return _packed(strengths > (middle[0] + middle[1]) / 2)


def hamming(one: Array | int, other: Array | int) -> Array:
    """In how many bits hashes differ.

    Parameters
    ----------
    one, other : uint64, any shapes that broadcast; or an int
        `hamming(hashes[:, None], hashes)` compares each with each.

    Returns
    -------
    uint8, 0 to 64
    """
    return np.bitwise_count(
        np.bitwise_xor(np.asarray(one, np.uint64), np.asarray(other, np.uint64))
    )


def _small(image: Array, height: int, width: int) -> Array:
    expect_image(image, BYTES)
    return thumbnail(for_reading(image), (height, width))


def _packed(bits: Array) -> int:
    return int.from_bytes(np.packbits(bits).tobytes(), "big")


@lru_cache(maxsize=1)
def _cosines() -> Array:
    """cos(pi j / 64), for j < 8 * 32: computed once, it is half the hash's work."""
    turns = range(SIDE * SAMPLES)
    return np.array([_sine(0.5 - turn / (2 * SAMPLES)) for turn in turns])


@kernel
def _lowest(pixels: Array, cosines: Array, strengths: Array) -> None:
    """The lowest frequencies of both axes."""
    side = strengths.shape[0]
    down, line = np.empty((side, SAMPLES)), np.empty(SAMPLES)
    for x in range(SAMPLES):
        for k in range(side):
            for y in range(SAMPLES):
                line[y] = pixels[y, x]
            down[k, x] = _strength(line, k, cosines)
    for k in range(side):
        for n in range(side):
            line[:] = down[k]
            strengths[k, n] = _strength(line, n, cosines)


@kernel
def _strength(line: Array, k: int, cosines: Array) -> float:
    """Twice the sum of line[i] cos(pi k (2 i + 1) / 2 n), i < n; `line` is used up.

    A cosine is its own mirror image, or its negative.  So the line is folded first: what is equal
    and opposite cancels exactly, and a flat image has no frequency but the lowest.
    """
    n, total = line.size, 0.0
    while k % 2 == 0 and n > 1:
        n //= 2
        k //= 2
        for i in range(n):
            line[i] += line[2 * n - 1 - i]
    if n == 1:
        return float(2.0 * line[0])
    for i in range(n // 2):
        total += cosines[k * (2 * i + 1) * (SAMPLES // n)] * (line[i] - line[n - 1 - i])
    return float(2.0 * total)
