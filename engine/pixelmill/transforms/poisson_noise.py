"""PoissonNoise: the noise of little light."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.amount import Amount, drawn, expect_amount, expect_probability
from pixelmill_kernels.poisson import MOST_PHOTONS, poisson


@dataclass(frozen=True, slots=True)
class PoissonNoise:
    """Each level counted again in photons, of which a white pixel has `photons`; alpha stays.

    `photons`: the fewer, the noisier; a number, or [low, high] to draw from for each sample;
    `probability` of doing it.
    """

    photons: Amount = (100.0, 1000.0)
    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_amount("photons", self.photons, 1, MOST_PHOTONS)
        expect_probability(self.probability)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        photons = drawn(self.photons, sample.random)
        return sample.with_image(poisson(sample.pixels, photons, sample.random.key()))
