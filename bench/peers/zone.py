"""Zone: a plate of all frequencies, and how much is left that a small image cannot hold."""

import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]

SIDE = 1024
# Of the small image's highest frequency, and of the plate's: between them nothing may be seen.
_FROM, _TO = 1.5, 0.9


def plate(side: int = SIDE) -> Image:
    """uint8 [side, side, 3], gray: rings, half a cycle a pixel at the middle of an edge."""
    square = np.square(np.arange(side) - (side - 1) / 2)
    wave = np.cos(np.pi / side * (square[:, None] + square[None, :]))
    return np.repeat(np.rint(127.5 + 127.5 * wave).astype(np.uint8)[..., None], 3, axis=2)


def aliasing(small: npt.NDArray[np.floating] | Image, reduced: float) -> float:
    """The share of the rings that survived, 0 to 1, where a filter should have left plain gray.

    `small` is the middle of a plate that was reduced so many times, [H, W, 3], in levels.
    """
    rows, columns = ((np.arange(n) - (n - 1) / 2) * reduced for n in small.shape[:2])
    radius = np.hypot(rows[:, None], columns[None, :]) / SIDE  # cycles a pixel of the plate
    ring = (radius > _FROM * 0.5 / reduced) & (radius < _TO * 0.5)
    levels = np.asarray(small, np.float64).mean(axis=2)[ring]
    return float(levels.std() / (127.5 / np.sqrt(2)))
