"""Autocontrast: levels stretched over the full scale."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.amount import Amount, drawn, expect_amount, expect_probability
from pixelmill.transforms.eight_bits import eight_bits
from pixelmill_kernels.equalize import autocontrast


@dataclass(frozen=True, slots=True)
class Autocontrast:
    """Each channel stretched so that its darkest level becomes 0 and its lightest full scale.

    `cutoff`: the per cent of pixels left out of account at either end, a number, or [low, high] to
    draw from for each sample; `probability` of doing it.
    """

    cutoff: Amount = 0.0
    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_amount("cutoff", self.cutoff, 0, 49)
        expect_probability(self.probability)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        cutoff = drawn(self.cutoff, sample.random)
        return sample.with_image(autocontrast(eight_bits(sample, "autocontrast"), cutoff))
