"""Saturation: colours stronger or paler."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.amount import Amount, drawn, expect_amount, expect_probability
from pixelmill.transforms.eight_bits import eight_bits
from pixelmill_kernels.blend import saturation


@dataclass(frozen=True, slots=True)
class Saturation:
    """The image blended with its gray: 0 is gray, 1 as it was, 2 twice as colourful.

    `factor`: a number, or [low, high] to draw from for each sample; `probability` of doing it.
    """

    factor: Amount = (0.8, 1.2)
    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_amount("factor", self.factor, 0)
        expect_probability(self.probability)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        factor = drawn(self.factor, sample.random)
        return sample.with_image(saturation(eight_bits(sample, "saturation"), factor))
