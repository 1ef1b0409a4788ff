"""Laplacian: how much neighbouring pixels differ, as the variance of the Laplacian.

Pech-Pacheco et al., "Diatom autofocusing in brightfield microscopy", 2000; what OpenCV's users
write as `cv2.Laplacian(gray, cv2.CV_64F).var()`.  Sums are whole numbers until the last division.
"""

import numpy as np

from pixelmill_kernels._check import LEVELS, Array, expect_image, for_reading
from pixelmill_kernels._jit import kernel
from pixelmill_kernels.grayscale import grayscale

__all__ = ["laplacian_variance"]


def laplacian_variance(image: Array) -> float:
    """The variance of (up + down + left + right - 4 centre) over all pixels of the grays.

    Parameters
    ----------
    image : uint8 or uint16, shape (height, width, channels)
        1, 3 or 4 channels, C-contiguous.  Colours are taken as their `grayscale`.

    Returns
    -------
    float
        In squared levels, 0 of a flat image.  It depends on the scale: compare images of one size.
        A neighbour outside the image is the one on the other side of the border pixel.
    """
    expect_image(image, LEVELS)
    gray = for_reading(image if image.shape[2] == 1 else grayscale(image))[..., 0]
    total, squares = _laplacian(gray)
    pixels = gray.size
    return float((pixels * int(squares) - int(total) ** 2) / pixels**2)


@kernel
def _laplacian(gray: Array) -> tuple[np.int64, np.int64]:
    """The sum of the Laplacian, and that of its squares."""
    height, width = gray.shape
    row = np.empty(width, np.int32)
    total, squares = np.int64(0), np.int64(0)
    for y in range(height):
        # Reflected without the edge itself; a lone row is its own neighbour.
        above = y - 1 if y > 0 else min(1, height - 1)
        below = y + 1 if y + 1 < height else max(height - 2, 0)
        _row(gray[above], gray[y], gray[below], row)
        for value in row:
            total += value
            squares += np.int64(value) * value
    return total, squares


@kernel
def _row(above: Array, here: Array, below: Array, target: Array) -> None:
    width = here.size
    before, after = here[: width - 2], here[2:]  # an index from 0 needs no test for its sign
    over, middle, under, inner = above[1:], here[1:], below[1:], target[1:]
    for x in range(width - 2):
        sides = np.int32(before[x]) + np.int32(after[x])
        inner[x] = sides + np.int32(over[x]) + np.int32(under[x]) - 4 * np.int32(middle[x])
    for x in (0, width - 1):
        left = x - 1 if x > 0 else min(1, width - 1)
        right = x + 1 if x + 1 < width else max(width - 2, 0)
        sides = np.int32(here[left]) + np.int32(here[right])
        target[x] = sides + np.int32(above[x]) + np.int32(below[x]) - 4 * np.int32(here[x])
