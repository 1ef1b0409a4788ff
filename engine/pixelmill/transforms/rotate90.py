"""Rotate90: quarter turns, which cost no pixel its sharpness."""

from dataclasses import dataclass
from typing import Literal

from pixelmill.geometry import Affine
from pixelmill.sample import Sample
from pixelmill_kernels.geometry import rotate90


@dataclass(frozen=True, slots=True)
class Rotate90:
    """The image turned counter-clockwise by `turns` quarters, or by a random number of them."""

    turns: int | Literal["random"] = 1

    def __call__(self, sample: Sample) -> Sample:
        turns = sample.random.integer(0, 4) if self.turns == "random" else self.turns % 4
        if turns == 0:
            return sample
        height, width = sample.pixels.shape[:2]
        return sample.moved(rotate90(sample.pixels, turns), turned(turns, height, width))


def turned(turns: int, height: int, width: int) -> Affine:
    """The map of so many counter-clockwise quarter turns: (x, y) -> (y, width - x) for one."""
    return (
        Affine(),
        Affine(0.0, 1.0, 0.0, -1.0, 0.0, width),
        Affine(-1.0, 0.0, width, 0.0, -1.0, height),
        Affine(0.0, -1.0, height, 1.0, 0.0, 0.0),
    )[turns]
