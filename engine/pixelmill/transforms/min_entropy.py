"""MinEntropy: leaves out images with next to nothing on them, as blank pages and placeholders."""

from dataclasses import dataclass

from pixelmill.sample import Drop, Sample
from pixelmill_kernels.grayscale import grayscale
from pixelmill_kernels.histogram import entropy, histogram


@dataclass(frozen=True, slots=True)
class MinEntropy:
    """Drops a sample whose gray levels carry less than `bits` a pixel: 0 if flat, 8 if all as many.

    Photographs have 4 to 8; levels of 16 bits may have more.
    """

    bits: float = 3.0

    def __post_init__(self) -> None:
        if not 0 <= self.bits <= 16:
            raise ValueError(f"bits must be 0..16, got {self.bits}")

    def __call__(self, sample: Sample) -> Sample | Drop:
        found = float(entropy(histogram(grayscale(sample.pixels)))[0])
        if found < self.bits:
            return Drop("low_information", {"bits": found})
        return sample
