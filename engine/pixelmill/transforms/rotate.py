"""Rotate: the image turned by any angle; quarter turns are rotate90's."""

import math
from dataclasses import dataclass

from pixelmill.geometry import Affine
from pixelmill.sample import Sample
from pixelmill.transforms.affine import Border, Filter, expect_range, warped


@dataclass(frozen=True, slots=True)
class Rotate:
    """The image turned counter-clockwise about its middle by `degrees`, or randomly in [low, high].

    Its size stays, or with `expand` grows to hold all of the image.  `border`: what lies outside is
    the level `fill`, the outermost pixels ("edge") or the mirror image ("reflect").
    """

    degrees: float | tuple[float, float] = (-10.0, 10.0)
    expand: bool = False
    fill: int = 0
    filter: Filter = "bilinear"
    border: Border = "constant"

    def __post_init__(self) -> None:
        if not all(map(math.isfinite, self.ends)):
            raise ValueError(f"degrees must be finite, got {self.degrees}")
        expect_range(self.ends, "degrees")

    @property
    def ends(self) -> tuple[float, float]:
        return self.degrees if isinstance(self.degrees, tuple) else (self.degrees, self.degrees)

    def __call__(self, sample: Sample) -> Sample:
        height, width = sample.pixels.shape[:2]
        turn = Affine.rotate(sample.random.uniform(*self.ends))
        size = _around(turn, height, width) if self.expand else (height, width)
        by = Affine.shift(-width / 2, -height / 2).then(turn)
        by = by.then(Affine.shift(size[1] / 2, size[0] / 2))
        return warped(sample, by, size, self.filter, self.border, self.fill)


def _around(turn: Affine, height: int, width: int) -> tuple[int, int]:
    """(height, width) of the box around a turned image."""
    wide = abs(turn.a) * width + abs(turn.b) * height
    high = abs(turn.d) * width + abs(turn.e) * height
    # 1e-6 of a pixel is no pixel more
    return math.ceil(high - 1e-6), math.ceil(wide - 1e-6)
