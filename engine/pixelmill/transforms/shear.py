"""Shear: the image leaning over."""

from dataclasses import dataclass

from pixelmill.geometry import Affine
from pixelmill.sample import Sample
from pixelmill.transforms.affine import Border, Filter, expect_shear, warped


@dataclass(frozen=True, slots=True)
class Shear:
    """Upright lines lean by `x` degrees and level ones by `y`, about the middle; the size stays.

    `x`, `y`: a number, or randomly in [low, high].  `border`: what lies outside is the level
    `fill`, the outermost pixels ("edge") or the mirror image ("reflect").
    """

    x: float | tuple[float, float] = (-10.0, 10.0)
    y: float | tuple[float, float] = 0.0
    fill: int = 0
    filter: Filter = "bilinear"
    border: Border = "constant"

    def __post_init__(self) -> None:
        for ends in self.ends:
            expect_shear(ends)

    @property
    def ends(self) -> list[tuple[float, float]]:
        return [ends if isinstance(ends, tuple) else (ends, ends) for ends in (self.x, self.y)]

    def __call__(self, sample: Sample) -> Sample:
        height, width = size = sample.pixels.shape[:2]
        x, y = (sample.random.uniform(*ends) for ends in self.ends)
        by = Affine.shear(x, y).about(width / 2, height / 2)
        return warped(sample, by, size, self.filter, self.border, self.fill)
