"""Sharpness: edges harder or softer."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.amount import Amount, drawn, expect_amount, expect_probability
from pixelmill.transforms.eight_bits import eight_bits
from pixelmill_kernels.sharpness import sharpness


@dataclass(frozen=True, slots=True)
class Sharpness:
    """The image blended with its blur: 0 is blurred, 1 as it was, 2 sharpened.

    `factor`: a number, or [low, high] to draw from for each sample; `probability` of doing it.
    """

    factor: Amount = (0.5, 1.5)
    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_amount("factor", self.factor, 0)
        expect_probability(self.probability)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        factor = drawn(self.factor, sample.random)
        return sample.with_image(sharpness(eight_bits(sample, "sharpness"), factor))
