"""RandomErasing: a rectangle of the image made blank (Zhong et al. 2017)."""

import math
from dataclasses import dataclass
from typing import Literal

from pixelmill.random import Randomness
from pixelmill.sample import Sample
from pixelmill.transforms.amount import expect_probability
from pixelmill.transforms.bit_depth import levels_per_step
from pixelmill_kernels.erase import erase

Rectangle = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class RandomErasing:
    """A rectangle of random area (`scale`, a share of the image) and aspect (`ratio`, height to
    width) blanked; alpha stays.  The draws are those of torchvision: area uniform, aspect
    log-uniform, ten tries, and nothing is erased where none of them fits.

    `fill`: "noise", the image's "mean", or the level `value` (of 255) for "constant".
    `probability` of doing it.
    """

    scale: tuple[float, float] = (0.02, 0.33)
    ratio: tuple[float, float] = (0.3, 3.3)
    fill: Literal["constant", "mean", "noise"] = "noise"
    value: int = 0
    probability: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.scale[0] <= self.scale[1] <= 1:
            raise ValueError(f"scale must be 0 < low <= high <= 1, got {list(self.scale)}")
        if not 0 < self.ratio[0] <= self.ratio[1]:
            raise ValueError(f"ratio must be 0 < low <= high, got {list(self.ratio)}")
        if not 0 <= self.value <= 255:
            raise ValueError(f"value must be 0..255, got {self.value}")
        expect_probability(self.probability)

    def rectangle(self, height: int, width: int, random: Randomness) -> Rectangle | None:
        """(top, left, height, width) in an image of that size, if one is found."""
        for _ in range(10):
            area = height * width * random.uniform(*self.scale)
            aspect = math.exp(random.uniform(*(math.log(r) for r in self.ratio)))
            high, wide = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
            if 0 < high < height and 0 < wide < width:
                top = random.integer(0, height - high + 1)
                return top, random.integer(0, width - wide + 1), high, wide
        return None

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        height, width = sample.pixels.shape[:2]
        found = self.rectangle(height, width, sample.random)
        if found is None:
            return sample
        value = self.value * levels_per_step(sample.pixels)
        key = sample.random.key()
        return sample.with_image(erase(sample.pixels, [found], self.fill, value, key))
