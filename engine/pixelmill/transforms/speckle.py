"""Speckle: noise that grows with the level, as in radar and ultrasound images."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.amount import Amount, drawn, expect_amount, expect_probability
from pixelmill_kernels.noise import speckle


@dataclass(frozen=True, slots=True)
class Speckle:
    """Each level multiplied by a normal number of mean 1; alpha stays.

    `sigma`: its spread, a number or [low, high] to draw from for each sample; `shared`: the same
    for all channels of a pixel; `probability` of doing it.
    """

    sigma: Amount = (0.02, 0.15)
    shared: bool = False
    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_amount("sigma", self.sigma, 0, 10)
        expect_probability(self.probability)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        sigma = drawn(self.sigma, sample.random)
        return sample.with_image(speckle(sample.pixels, sigma, sample.random.key(), self.shared))
