"""Affine: where a pixel of the source image has gone.

One continuous convention: an image spans [0, width] x [0, height], pixel i covers [i, i + 1) and
its centre is i + 0.5.  Every geometric transform states its map in it, and the maps compose, so
that boxes, masks and keypoints can follow the pixels.
"""

from typing import NamedTuple


class Affine(NamedTuple):
    """x' = a x + b y + c and y' = d x + e y + f, in pixels of the image before and after."""

    a: float = 1.0
    b: float = 0.0
    c: float = 0.0
    d: float = 0.0
    e: float = 1.0
    f: float = 0.0

    @classmethod
    def scale(cls, x: float, y: float) -> "Affine":
        return cls(x, 0.0, 0.0, 0.0, y, 0.0)

    @classmethod
    def shift(cls, x: float, y: float) -> "Affine":
        return cls(1.0, 0.0, x, 0.0, 1.0, y)

    @classmethod
    def flip_x(cls, width: float) -> "Affine":
        return cls(-1.0, 0.0, width, 0.0, 1.0, 0.0)

    @classmethod
    def flip_y(cls, height: float) -> "Affine":
        return cls(1.0, 0.0, 0.0, 0.0, -1.0, height)

    def then(self, after: "Affine") -> "Affine":
        """First this map, then `after`."""
        return Affine(
            after.a * self.a + after.b * self.d,
            after.a * self.b + after.b * self.e,
            after.a * self.c + after.b * self.f + after.c,
            after.d * self.a + after.e * self.d,
            after.d * self.b + after.e * self.e,
            after.d * self.c + after.e * self.f + after.f,
        )

    def __call__(self, x: float, y: float) -> tuple[float, float]:
        return self.a * x + self.b * y + self.c, self.d * x + self.e * y + self.f


IDENTITY = Affine()
