"""Invert: negatives to positives."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.amount import expect_probability
from pixelmill_kernels.levels import invert


@dataclass(frozen=True, slots=True)
class Invert:
    """Light to dark and dark to light, of 8 or 16 bits, with `probability`."""

    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_probability(self.probability)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        return sample.with_image(invert(sample.pixels))
