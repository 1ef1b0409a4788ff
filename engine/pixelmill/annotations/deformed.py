"""Deformed: where many points of an image on rubber go at once, as Deformation says for one."""

from typing import Any

import numpy as np
import numpy.typing as npt

from pixelmill.geometry import Deformation

Array = npt.NDArray[Any]


def deformed(by: Deformation, points: Array) -> Array:
    """Points, float64 of shape (n, 2), found by following the field backwards again and again."""
    there = points
    for _ in range(50):
        before, there = there, points - _shifts(by, there)
        if np.abs(there - before).sum(axis=1).max(initial=0) < 1e-3:
            break
    return there


def _shifts(by: Deformation, points: Array) -> Array:
    """(dx, dy) at places of the deformed image, between pixels and beyond its border too."""
    height, width = by.dx.shape
    places = np.clip(points - 0.5, 0, (width - 1, height - 1))
    (left, top), (u, v) = places.astype(np.int64).T, np.modf(places)[0].T
    right, bottom = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    shifts = [
        (field[top, left] * (1 - u) + field[top, right] * u) * (1 - v)
        + (field[bottom, left] * (1 - u) + field[bottom, right] * u) * v
        for field in (by.dx, by.dy)
    ]
    return np.stack(shifts, axis=1)
