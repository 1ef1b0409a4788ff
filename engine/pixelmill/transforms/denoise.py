"""Denoise: removes sensor and salt-and-pepper noise before it is scaled into something worse."""

from dataclasses import dataclass
from typing import Literal

from pixelmill.sample import Sample
from pixelmill_kernels.denoise import median


@dataclass(frozen=True, slots=True)
class Denoise:
    """Each level becomes the median of the `size` x `size` levels around it, channel by channel."""

    method: Literal["median"] = "median"
    size: Literal[3, 5] = 3

    def __call__(self, sample: Sample) -> Sample:
        return sample.with_image(median(sample.pixels, self.size))
