"""Affine: a random turn, shift, scale and shear in one go, so that pixels are interpolated once."""

from dataclasses import dataclass
from typing import Literal

from pixelmill.geometry import Affine as Map
from pixelmill.sample import Sample
from pixelmill_kernels.warp import affine

Range = float | tuple[float, float]
Filter = Literal["nearest", "bilinear", "bicubic"]
Border = Literal["constant", "edge", "reflect"]


@dataclass(frozen=True, slots=True)
class Affine:
    """The image turned, sheared, scaled and shifted about its middle; its size stays.

    `degrees`: counter-clockwise, and `shear`: each a number, for -number to number, or [low, high];
    four numbers of `shear` are those of level lines as well.  `translate`: up to so much of the
    width and of the height.  `scale`: [low, high].  The ranges are those of torchvision's
    RandomAffine.  `border`: what lies outside is the level `fill`, the outermost pixels ("edge") or
    the mirror image ("reflect").
    """

    degrees: Range = 0.0
    translate: tuple[float, float] = (0.0, 0.0)
    scale: tuple[float, float] = (1.0, 1.0)
    shear: Range | tuple[float, float, float, float] = 0.0
    fill: int = 0
    filter: Filter = "bilinear"
    border: Border = "constant"

    def __post_init__(self) -> None:
        expect_range(around(self.degrees), "degrees")
        if not 0 <= min(self.translate) <= max(self.translate) <= 1:
            raise ValueError(f"translate must be two shares of 0..1, got {list(self.translate)}")
        if not 0 < self.scale[0] <= self.scale[1]:
            raise ValueError(f"scale must be 0 < low <= high, got {list(self.scale)}")
        for leaning in self.leanings:
            expect_shear(leaning)

    @property
    def leanings(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """The ranges of the shear of upright lines and of level ones."""
        if isinstance(self.shear, tuple) and len(self.shear) == 4:
            return self.shear[:2], self.shear[2:]
        return around(self.shear), (0.0, 0.0)

    def __call__(self, sample: Sample) -> Sample:
        height, width = sample.pixels.shape[:2]
        draw = sample.random.uniform
        degrees = draw(*around(self.degrees))
        x, y = (
            draw(-share, share) * side
            for share, side in zip(self.translate, (width, height), strict=True)
        )
        scale = draw(*self.scale)
        shear = (draw(*leaning) for leaning in self.leanings)
        by = Map.shear(*shear).then(Map.scale(scale, scale)).then(Map.rotate(degrees))
        by = by.about(width / 2, height / 2).then(Map.shift(x, y))
        return warped(sample, by, (height, width), self.filter, self.border, self.fill)


def warped(
    sample: Sample, by: Map, size: tuple[int, int], filter: Filter, border: Border, fill: int
) -> Sample:
    """The sample with its pixels moved by a map, in an image of `size` (height, width)."""
    if by == Map() and size == sample.pixels.shape[:2]:
        return sample
    return sample.moved(affine(sample.pixels, by.rows, size, filter, border, fill), by)


def around(value: Range) -> tuple[float, float]:
    """[low, high], or from -value to value."""
    return value if isinstance(value, tuple) else (-abs(value), abs(value))


def expect_range(ends: tuple[float, float], name: str) -> None:
    """Raise unless low <= high."""
    if not ends[0] <= ends[1]:
        raise ValueError(f"{name} must be [low, high], got {list(ends)}")


def expect_shear(ends: tuple[float, float]) -> None:
    """Raise unless -90 < low <= high < 90."""
    if not -90 < ends[0] <= ends[1] < 90:
        raise ValueError(f"shear must be -90 < low <= high < 90 degrees, got {list(ends)}")
