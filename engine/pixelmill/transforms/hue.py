"""Hue: all colours turned to others."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.amount import Amount, drawn, expect_amount, expect_probability
from pixelmill.transforms.eight_bits import eight_bits
from pixelmill_kernels.hsv import hue


@dataclass(frozen=True, slots=True)
class Hue:
    """The hue of each pixel turned by `shift` turns: 1/3 takes red to green, 0.5 to its opposite.

    `shift`: a number, or [low, high] to draw from for each sample; `probability` of doing it.
    """

    shift: Amount = (-0.1, 0.1)
    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_amount("shift", self.shift, -0.5, 0.5)
        expect_probability(self.probability)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        shift = drawn(self.shift, sample.random)
        return sample.with_image(hue(eight_bits(sample, "hue"), shift))
