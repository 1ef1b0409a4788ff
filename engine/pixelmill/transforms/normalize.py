"""Normalize: the last transform before an image is written as an array."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, TypeAlias

import numpy as np

from pixelmill.errors import TransformError
from pixelmill.sample import Sample
from pixelmill_kernels.normalize import normalize
from pixelmill_kernels.standardize import min_max, standardize

# ImageNet: torchvision's constants; CLIP: the constants published with the model's code.
PRESETS = {
    "imagenet": ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)),
    "clip": ((0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)),
    "unit": ((0.0,), (1.0,)),
    "signed": ((0.5,), (0.5,)),
}

Numbers: TypeAlias = tuple[float, ...]  # each of them a float32


@dataclass(frozen=True, slots=True)
class Normalize:
    """uint8 (h, w, c) in, float32 (h, w, c) out; the output says in which layout it is written.

    `preset`: "imagenet", "clip", "unit" (0..1) or "signed" (-1..1); `mean` and `std`, in full scale
    (1.0 is the highest level) and one for each channel or one for all, take its place.

    `mode`: "mean_std" uses these numbers; "min_max" scales each image to 0..1 by its own lowest and
    highest level, "per_image" to zero mean and unit spread, over all channels or `per` channel.
    """

    preset: Literal["imagenet", "clip", "unit", "signed"] = "imagenet"
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    mode: Literal["mean_std", "min_max", "per_image"] = "mean_std"
    per: Literal["image", "channel"] = "image"
    makes_floats = True

    def __post_init__(self) -> None:
        if (self.mean is None) != (self.std is None):
            raise ValueError("give both `mean` and `std`, or neither")
        if self.std is not None and min(self.std) <= 0:
            raise ValueError(f"every std must be above 0, got {list(self.std)}")
        if self.mode != "mean_std" and self.mean is not None:
            raise ValueError(f"mode {self.mode!r} takes its numbers from each image, not `mean`")

    def __call__(self, sample: Sample) -> Sample:
        if self.mode == "min_max":
            return sample.with_image(min_max(sample.pixels, self.per, "hwc"))
        if self.mode == "per_image":
            return sample.with_image(standardize(sample.pixels, self.per, "hwc"))
        mean, std = self.spread(sample.pixels.shape[2])
        return sample.with_image(normalize(sample.pixels, mean, std, "hwc"))

    @property
    def reach(self) -> float:
        """The largest number, of either sign, that it makes of levels."""
        mean, std = PRESETS[self.preset]
        return (1 + max(map(abs, self.mean or mean))) / min(self.std or std)

    def spread(self, channels: int) -> tuple[Numbers, Numbers]:
        """Mean and std for each channel."""
        mean, std = PRESETS[self.preset]
        return _each(self.mean or mean, channels), _each(self.std or std, channels)


@lru_cache(maxsize=64)
def _each(values: tuple[float, ...], channels: int) -> Numbers:
    if len(values) not in (1, channels):
        raise TransformError(
            f"normalize: {len(values)} means for an image of {channels} channels; give one for "
            "each channel, or set decode.color to rgb"
        )
    return tuple(np.full(channels, values, np.float32).tolist())
