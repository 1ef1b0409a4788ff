"""Solarize: the lighter part of an image inverted."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.amount import Whole, drawn_whole, expect_amount, expect_probability
from pixelmill.transforms.eight_bits import eight_bits
from pixelmill_kernels.levels import solarize


@dataclass(frozen=True, slots=True)
class Solarize:
    """The levels from `threshold` on inverted: 0 inverts all of them, 256 none.

    `threshold`: a number, or [low, high] to draw from for each sample; `probability` of doing it.
    """

    threshold: Whole = 128
    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_amount("threshold", self.threshold, 0, 256)
        expect_probability(self.probability)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        threshold = drawn_whole(self.threshold, sample.random)
        return sample.with_image(solarize(eight_bits(sample, "solarize"), threshold))
