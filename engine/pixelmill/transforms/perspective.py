"""Perspective: the image as if it hung at an angle."""

from dataclasses import dataclass

from pixelmill.geometry import Projective
from pixelmill.random import Randomness
from pixelmill.sample import Sample
from pixelmill.transforms.affine import Border, Filter
from pixelmill_kernels.warp import perspective

FOLDS = 2 / 3  # of half a side: further in, a corner may cross the line between its neighbours


@dataclass(frozen=True, slots=True)
class Perspective:
    """Each corner drawn in by up to `distortion` of half the width and height, with `probability`.

    The size stays; the draws are those of torchvision's RandomPerspective.  `border`: what lies
    outside is the level `fill`, the outermost pixels ("edge") or the mirror image ("reflect").
    """

    distortion: float = 0.5
    probability: float = 0.5
    fill: int = 0
    filter: Filter = "bilinear"
    border: Border = "constant"

    def __post_init__(self) -> None:
        if not 0 <= self.distortion < FOLDS:
            raise ValueError(f"distortion must be 0 to below 2/3, got {self.distortion}")
        if not 0 <= self.probability <= 1:
            raise ValueError(f"probability must be 0..1, got {self.probability}")

    def map(self, height: int, width: int, random: Randomness) -> Projective:
        """The next map for an image of that size."""
        inward = [
            (random.uniform(0, share * width / 2), random.uniform(0, share * height / 2))
            for share in (self.distortion,) * 4
        ]
        (x0, y0), (x1, y1), (x2, y2), (x3, y3) = inward
        corners = (x0, y0), (width - x1, y1), (width - x2, height - y2), (x3, height - y3)
        return Projective.of(corners, width, height)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability or self.distortion == 0:
            return sample
        height, width = size = sample.pixels.shape[:2]
        by = self.map(height, width, sample.random)
        out = perspective(sample.pixels, by.rows, size, self.filter, self.border, self.fill)
        return sample.moved(out, by)
