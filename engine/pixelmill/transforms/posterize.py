"""Posterize: fewer levels, as a poster has fewer inks."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.amount import Whole, drawn_whole, expect_amount, expect_probability
from pixelmill.transforms.eight_bits import eight_bits
from pixelmill_kernels.levels import posterize


@dataclass(frozen=True, slots=True)
class Posterize:
    """Each level cut to its highest `bits`: 8 changes nothing, 1 leaves two levels.

    `bits`: a number, or [low, high] to draw from for each sample; `probability` of doing it.
    """

    bits: Whole = 4
    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_amount("bits", self.bits, 1, 8)
        expect_probability(self.probability)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        bits = drawn_whole(self.bits, sample.random)
        return sample.with_image(posterize(eight_bits(sample, "posterize"), bits))
