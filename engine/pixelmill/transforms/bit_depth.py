"""Bit depth: the same change in images of 8 and of 16 bits."""

import numpy as np

from pixelmill.sample import Image


def levels_per_step(image: Image) -> int:
    """How many levels of this image one of 255 is: 1 of 8 bits, 257 of 16 bits."""
    return 257 if image.dtype == np.uint16 else 1
