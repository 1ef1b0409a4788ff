"""Fuse: neighbours in a job that one kernel does in one go, with the same bytes.

Resize then CenterCrop computes only the pixels that the crop keeps.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pixelmill.sample import Drop, Sample
from pixelmill.transforms.center_crop import CenterCrop
from pixelmill.transforms.resize import Resize, Size, resized

Transform = Callable[[Sample], Sample | Drop]
Named = tuple[str, Transform]


@dataclass(frozen=True, slots=True)
class ResizeCrop:
    """Resize, of which only what CenterCrop keeps is computed."""

    resize: Resize
    crop: CenterCrop

    def least(self, size: Size) -> Size:
        return self.resize.target(size)

    def __call__(self, sample: Sample) -> Sample:
        size = self.resize.target(sample.size)
        if size == sample.pixels.shape[:2]:
            return self.crop(sample)
        return resized(sample, size, self.resize, self.crop.window(*size))


def fused(steps: Sequence[Named]) -> list[Named]:
    """The same transforms, each under its name, with such neighbours made one."""
    found: list[Named] = []
    for name, step in steps:
        before = found[-1][1] if found else None
        if isinstance(step, CenterCrop) and isinstance(before, Resize) and before.mode != "pad":
            found[-1] = (f"{found[-1][0]} + {name}", ResizeCrop(before, step))
        else:
            found.append((name, step))
    return found
