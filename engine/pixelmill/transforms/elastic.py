"""Elastic: the image as if it were drawn on rubber (Simard et al. 2003)."""

import math
from dataclasses import dataclass

from pixelmill.geometry import Deformation
from pixelmill.sample import Sample
from pixelmill.transforms.affine import Border, Filter
from pixelmill_kernels.elastic import elastic_field
from pixelmill_kernels.remap import displace


@dataclass(frozen=True, slots=True)
class Elastic:
    """Each pixel shifted a little, its neighbours likewise; the size stays.

    `alpha`: how strong, and `sigma`: how smooth, in pixels; shifts are about 0.16 * alpha / sigma
    pixels, and from about alpha = 2 * sigma ** 2 on the image folds over itself.  `border`: what
    lies outside is the level `fill`, the outermost pixels ("edge") or the mirror image ("reflect").
    """

    alpha: float = 50.0
    sigma: float = 8.0
    fill: int = 0
    filter: Filter = "bilinear"
    border: Border = "reflect"

    def __post_init__(self) -> None:
        if not 0 < self.sigma <= 1000:
            raise ValueError(f"sigma must be above 0 and at most 1000, got {self.sigma}")
        if not math.isfinite(self.alpha):
            raise ValueError(f"alpha must be finite, got {self.alpha}")

    def __call__(self, sample: Sample) -> Sample:
        size = sample.pixels.shape[:2]
        seed = sample.random.integer(0, 2**64)
        dx, dy = elastic_field(size, self.alpha, self.sigma, seed)
        out = displace(sample.pixels, dx, dy, self.filter, self.border, self.fill)
        return sample.moved(out, Deformation(dx, dy))
