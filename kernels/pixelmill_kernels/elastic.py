"""Elastic: a field of smooth random shifts, as if the picture were drawn on rubber.

Simard, Steinkraus, Platt, "Best practices for convolutional neural networks", ICDAR 2003: each
pixel draws two numbers from -1 to 1, the two fields are blurred by a Gaussian and scaled.
`remap.displace` moves an image by them.
"""

import math

import numpy as np

from pixelmill_kernels._check import Array
from pixelmill_kernels._jit import Untyped, kernel
from pixelmill_kernels.rng import _philox

__all__ = ["elastic_field"]

REACH = 4.0  # sigmas: what is left out of a Gaussian beyond is 6e-5 of it


def elastic_field(
    size: tuple[int, int], alpha: float, sigma: float, seed: int
) -> tuple[Array, Array]:
    """Draw a field of smooth shifts.

    Parameters
    ----------
    size : (height, width)
        In pixels.
    alpha : float
        How strong: the shifts' standard deviation is about 0.16 * alpha / sigma pixels.
    sigma : float
        How smooth: the Gaussian's standard deviation in pixels, above 0 and up to 1000.
    seed : int
        0 to 2**64 - 1.  A shift is a function of the seed and of its row and column alone, but for
        the border, where the random numbers are mirrored.

    Returns
    -------
    dx, dy : float32, shape (height, width)
        In pixels, as `remap.displace` takes them; the same bytes on every machine.

    Raises
    ------
    ValueError
        A size, alpha, sigma or seed other than the above.
    """
    height, width = size
    if height < 1 or width < 1:
        raise ValueError(f"size (height, width) must be 1 x 1 or more, got {height} x {width}")
    if not 0 < sigma <= 1000:
        raise ValueError(f"sigma must be above 0 and at most 1000 pixels, got {sigma}")
    if not math.isfinite(alpha):
        raise ValueError(f"alpha must be finite, got {alpha}")
    if not 0 <= seed < 2**64:
        raise ValueError(f"seed must be 0 to 2**64 - 1, got {seed}")
    dx, dy = np.empty((2, height, width), np.float32)
    _noise(np.uint64(seed), dx, dy)
    weights = _gaussian(sigma)
    for field in (dx, dy):
        _smooth(field, weights, np.float32(alpha))
    return dx, dy


def _gaussian(sigma: float) -> Array:
    """The weights of a Gaussian at 0, 1, 2 ... pixels from its middle, float32; their sum to both
    sides is one.
    """
    count = math.ceil(REACH * sigma) + 1
    weights = [_exp(-0.5 * (n / sigma) ** 2) for n in range(count)]
    total = weights[0] + 2 * math.fsum(weights[1:])
    return np.array([weight / total for weight in weights], np.float32)


def _exp(x: float) -> float:
    """e to the power of x, 0 or less, by its own series.

    That of the C library differs in its last bit between machines.
    """
    halvings = 0
    while x < -0.25:
        x, halvings = x / 2, halvings + 1
    term, total = 1.0, 1.0
    for n in range(1, 14):  # the term after the last is below 1e-19
        term *= x / n
        total += term
    for _ in range(halvings):
        total *= total
    return total


@kernel
def _noise(seed: Untyped, dx: Array, dy: Array) -> None:
    """Two numbers from -1 to 1 for each pixel: 24 bits, which float32 holds exactly."""
    height, width = dx.shape
    unit, half = np.float32(2.0**-23), np.float32(1)
    for y in range(height):
        for x in range(width):
            one, two, _, _ = _philox(x, y, 0, seed)
            dx[y, x] = np.float32(np.int32(one >> np.uint32(8))) * unit - half
            dy[y, x] = np.float32(np.int32(two >> np.uint32(8))) * unit - half


@kernel
def _smooth(field: Array, weights: Array, scale: np.float32) -> None:
    """Blur a field by a Gaussian, across and down, and scale it, in place."""
    height, width = field.shape
    reach = weights.size - 1
    line = np.empty(width + 2 * reach, np.float32)
    across, sums = np.empty_like(field), np.empty(width, np.float32)
    for y in range(height):
        for i in range(line.size):
            line[i] = field[y, _mirrored(i - reach, width)]
        _weigh(line[reach : reach + width], weights[0], across[y])
        for k in range(1, reach + 1):
            low, high = reach - k, reach + k
            _add(line[low : low + width], line[high : high + width], weights[k], across[y])
    for y in range(height):
        _weigh(across[y], weights[0], sums)
        for k in range(1, reach + 1):
            low, high = _mirrored(y - k, height), _mirrored(y + k, height)
            _add(across[low], across[high], weights[k], sums)
        _weigh(sums, scale, field[y])


@kernel
def _weigh(values: Array, weight: np.float32, out: Array) -> None:
    for i in range(out.size):
        out[i] = weight * values[i]


@kernel
def _add(low: Array, high: Array, weight: np.float32, sums: Array) -> None:
    for i in range(sums.size):
        sums[i] += weight * (low[i] + high[i])


@kernel
def _mirrored(place: int, count: int) -> int:
    """The pixel that stands at a place outside: the edge itself is not repeated."""
    if count == 1:
        return 0
    place %= 2 * (count - 1)
    return min(place, 2 * (count - 1) - place)
