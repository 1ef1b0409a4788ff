"""Equalize: all levels about as frequent."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.amount import expect_probability
from pixelmill.transforms.eight_bits import eight_bits
from pixelmill_kernels.equalize import equalize


@dataclass(frozen=True, slots=True)
class Equalize:
    """The histogram of each channel made flat, with `probability`."""

    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_probability(self.probability)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        return sample.with_image(equalize(eight_bits(sample, "equalize")))
