"""Grayscale: an image without its colour."""

from dataclasses import dataclass
from typing import Literal

from pixelmill.sample import Sample
from pixelmill.transforms.amount import expect_probability
from pixelmill.transforms.eight_bits import eight_bits
from pixelmill_kernels.grayscale import grayscale


@dataclass(frozen=True, slots=True)
class Grayscale:
    """Red, green and blue all become the gray, with `probability`; `channels: 1` keeps one of them.

    Alpha stays with 3 channels and goes with 1.
    """

    channels: Literal[1, 3] = 3
    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_probability(self.probability)
        if self.channels == 1 and self.probability < 1:
            raise ValueError(
                f"channels 1 needs probability 1, got {self.probability}: other images would have "
                "other channels"
            )

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        return sample.with_image(grayscale(eight_bits(sample, "grayscale"), self.channels))
