"""Eight bits: what transforms of colours and levels are made for."""

import numpy as np

from pixelmill.errors import TransformError
from pixelmill.sample import Image, Sample


def eight_bits(sample: Sample, step: str) -> Image:
    """The sample's pixels; TransformError, with the mend, where they are not of 8 bits."""
    image = sample.pixels
    if image.dtype == np.uint16:
        raise TransformError(
            f"{step}: the image has 16 bits, and this takes 8; set decode.color to rgb or gray"
        )
    if image.dtype != np.uint8:
        raise TransformError(
            f"{step}: the image is {image.dtype}, and this takes 8 bits; put it before normalize"
        )
    return image
