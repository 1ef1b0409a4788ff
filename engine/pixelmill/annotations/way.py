"""Way: the steps that an image's pixels took, as few as there can be, and points carried along it.

What left the image at one step is gone, though a later one brought its place back into sight: a
step is joined with the next only where that cannot happen.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pixelmill.annotations.deformed import deformed
from pixelmill.geometry import IDENTITY, Affine, Deformation, Map, Path, Projective
from pixelmill.sample import Leg

Array = npt.NDArray[Any]
Size = tuple[int, int]
NEAR = 1e-6  # of a pixel: maps are rounded by less, and nobody sees so much


class Way(NamedTuple):
    """From an image of `start` (height, width) through one leg at least."""

    start: Size
    legs: tuple[Leg, ...]

    @classmethod
    def of(cls, start: Size, trail: Iterable[Leg]) -> "Way":
        legs = [Leg(IDENTITY, start)]  # what lies outside the image at first is cut off, too
        before: Size | None = None  # the size that the last of the legs starts from
        for leg in _single(trail):
            last = legs[-1]
            if _joins(before, last, leg):
                legs[-1] = Leg(last.by.then(leg.by), leg.size)
            else:
                before = last.size
                legs.append(leg)
        return cls(start, tuple(legs))

    @property
    def size(self) -> Size:
        return self.legs[-1].size

    @property
    def upright(self) -> bool:
        """Whether a box stays a box."""
        return all(upright(leg.by) for leg in self.legs)

    @property
    def straight(self) -> bool:
        """Whether a line stays a line."""
        return all(isinstance(leg.by, Affine | Projective) for leg in self.legs)

    @property
    def mirrored(self) -> bool:
        """Whether left and right are exchanged: after one flip, a transposition, or three."""
        return sum(_mirrors(leg.by) for leg in self.legs) % 2 == 1


def upright(by: Map) -> bool:
    return isinstance(by, Affine) and by.b == by.d == 0


def carried(by: Map, points: Array) -> Array:
    """Where points, float64 of shape (points, 2), go."""
    if isinstance(by, Path):
        for part in by.maps:
            points = carried(part, points)
        return points
    if isinstance(by, Affine | Projective):
        go: Any = by  # its arithmetic is that of arrays as well
        return np.stack(go(points[:, 0], points[:, 1]), axis=1)
    if isinstance(by, Deformation):
        return deformed(by, points)
    return np.array([by(float(x), float(y)) for x, y in points]).reshape(-1, 2)


def _single(trail: Iterable[Leg]) -> Iterator[Leg]:
    """The legs, a path's parts one by one."""
    for by, size in trail:
        parts = by.maps if isinstance(by, Path) else (by,)
        for n, part in enumerate(parts):
            ahead = (p.dx.shape for p in parts[n:] if isinstance(p, Deformation))
            yield Leg(part, next(ahead, size))


def _joins(before: Size | None, last: Leg, leg: Leg) -> bool:
    """Whether nothing that `last` cuts off is seen again after `leg`."""
    if not isinstance(last.by, Affine | Projective) or not isinstance(leg.by, Affine | Projective):
        return False
    if isinstance(leg.by, Affine) and _within(leg.by.inverse, leg.size, last.size):
        return True
    return before is not None and _within(last.by, before, last.size)


def _within(by: Map, size: Size, goal: Size) -> bool:
    """Whether all of an image of `size` goes into one of `goal`; four corners need no arrays."""
    (height, width), (high, wide) = size, goal
    corners = by(0, 0), by(width, 0), by(width, height), by(0, height)
    return all(-NEAR <= x <= wide + NEAR and -NEAR <= y <= high + NEAR for x, y in corners)


def _mirrors(by: Map) -> bool:
    if isinstance(by, Affine):
        return by.a * by.e < by.b * by.d
    if isinstance(by, Projective):
        return float(np.linalg.det(np.array(by.rows))) < 0
    return False
