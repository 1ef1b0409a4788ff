"""JpegArtefacts: what compression leaves of an image."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.amount import Whole, drawn_whole, expect_amount, expect_probability
from pixelmill.transforms.eight_bits import eight_bits
from pixelmill_kernels.artefacts import jpeg_artefacts


@dataclass(frozen=True, slots=True)
class JpegArtefacts:
    """The image as JPEG of this `quality` gives it back; 8 bits, alpha stays.

    `quality`: libjpeg's, 1 to 100, a whole number or [lowest, highest] to draw from for each
    sample; `subsample`: chroma at half the resolution; `probability` of doing it.
    """

    quality: Whole = (30, 90)
    subsample: bool = True
    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_amount("quality", self.quality, 1, 100)
        expect_probability(self.probability)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        quality = drawn_whole(self.quality, sample.random)
        image = jpeg_artefacts(eight_bits(sample, "jpeg_artefacts"), quality, self.subsample)
        return sample.with_image(image)
