"""Flip: left and right, or top and bottom, exchanged."""

from dataclasses import dataclass
from typing import Literal

from pixelmill.geometry import Affine
from pixelmill.random import Randomness
from pixelmill.sample import Sample
from pixelmill_kernels.geometry import flip


@dataclass(frozen=True, slots=True)
class Flip:
    """The image mirrored along `axis`, with `probability`; 1.0 mirrors every one."""

    axis: Literal["horizontal", "vertical"] = "horizontal"
    probability: float = 1.0

    def __post_init__(self) -> None:
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability must be 0..1, got {self.probability}")

    def drawn(self, random: Randomness) -> bool:
        """Whether this one is mirrored."""
        return random.uniform() < self.probability

    def __call__(self, sample: Sample) -> Sample:
        if not self.drawn(sample.random):
            return sample
        height, width = sample.pixels.shape[:2]
        by = Affine.flip_x(width) if self.axis == "horizontal" else Affine.flip_y(height)
        return sample.moved(flip(sample.pixels, self.axis), by)
