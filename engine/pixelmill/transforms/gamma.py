"""Gamma: the middle lighter or darker, black and white where they are."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.amount import Amount, drawn, expect_amount, expect_probability
from pixelmill.transforms.eight_bits import eight_bits
from pixelmill_kernels.levels import gamma


@dataclass(frozen=True, slots=True)
class Gamma:
    """Each level, as a part of full scale, to the power of `exponent`: less than 1 is lighter.

    `exponent`: a number, or [low, high] to draw from for each sample; `probability` of doing it.
    """

    exponent: Amount = (0.8, 1.2)
    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_amount("exponent", self.exponent, 0.01, 100)
        expect_probability(self.probability)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        exponent = drawn(self.exponent, sample.random)
        return sample.with_image(gamma(eight_bits(sample, "gamma"), exponent))
