"""Cutout: squares of the image made blank (DeVries and Taylor 2017)."""

from dataclasses import dataclass
from typing import Literal

from pixelmill.random import Randomness
from pixelmill.sample import Sample
from pixelmill.transforms.amount import Amount, drawn, expect_amount, expect_probability
from pixelmill.transforms.bit_depth import levels_per_step
from pixelmill_kernels.erase import erase

Rectangle = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Cutout:
    """`count` squares blanked; what of them sticks out of the image is cut off, and alpha stays.

    `size`: their side as a share of the shorter side, a number or [low, high] to draw from for each
    square.  `fill`: the level `value` (of 255) for "constant", the image's "mean", or "noise".
    `probability` of doing it.
    """

    size: Amount = 0.5
    count: int = 1
    fill: Literal["constant", "mean", "noise"] = "constant"
    value: int = 0
    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_amount("size", self.size, 0, 1)
        expect_amount("count", self.count, 1)
        expect_amount("value", self.value, 0, 255)
        expect_probability(self.probability)

    def square(self, height: int, width: int, random: Randomness) -> Rectangle:
        """(top, left, height, width) of one; its middle is any pixel of the image, as likely."""
        side = max(1, round(drawn(self.size, random) * min(height, width)))
        top, left = (random.integer(0, span) - side // 2 for span in (height, width))
        bottom, right = min(top + side, height), min(left + side, width)
        top, left = max(top, 0), max(left, 0)
        return top, left, bottom - top, right - left

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        height, width = sample.pixels.shape[:2]
        squares = [self.square(height, width, sample.random) for _ in range(self.count)]
        value = self.value * levels_per_step(sample.pixels)
        key = sample.random.key()
        return sample.with_image(erase(sample.pixels, squares, self.fill, value, key))
