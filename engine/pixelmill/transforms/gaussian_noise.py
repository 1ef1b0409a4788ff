"""GaussianNoise: the noise of a sensor's electronics."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.amount import Amount, drawn, expect_amount, expect_probability
from pixelmill.transforms.bit_depth import levels_per_step
from pixelmill_kernels.noise import gaussian


@dataclass(frozen=True, slots=True)
class GaussianNoise:
    """Normal noise added to each level; alpha stays.

    `sigma`: its spread in levels of 255, a number or [low, high] to draw from for each sample (an
    image of 16 bits gets as much of its own scale); `shared`: the same for all channels of a pixel;
    `probability` of doing it.
    """

    sigma: Amount = (2.0, 10.0)
    shared: bool = False
    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_amount("sigma", self.sigma, 0, 255)
        expect_probability(self.probability)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        sigma = drawn(self.sigma, sample.random) * levels_per_step(sample.pixels)
        return sample.with_image(gaussian(sample.pixels, sigma, sample.random.key(), self.shared))
