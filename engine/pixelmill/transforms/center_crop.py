"""CenterCrop: the middle of an image."""

from dataclasses import dataclass

from pixelmill.errors import TransformError
from pixelmill.geometry import Affine
from pixelmill.sample import Sample
from pixelmill_kernels.geometry import crop

Rectangle = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class CenterCrop:
    """The middle `size` (pixels, or height and width); an odd rest goes right and down."""

    size: int | tuple[int, int]

    def __post_init__(self) -> None:
        if min(self.goal) < 1:
            raise ValueError(f"size must be 1 or more, got {self.size}")

    @property
    def goal(self) -> tuple[int, int]:
        return self.size if isinstance(self.size, tuple) else (self.size, self.size)

    def window(self, height: int, width: int) -> Rectangle:
        """(top, left, height, width) of the crop in an image of that size."""
        high, wide = self.goal
        if high > height or wide > width:
            raise TransformError(
                f"center_crop: cannot cut {high}x{wide} out of an image of {height}x{width}; put a "
                "resize or a pad before it"
            )
        return (height - high) // 2, (width - wide) // 2, high, wide

    def __call__(self, sample: Sample) -> Sample:
        top, left, high, wide = window = self.window(*sample.pixels.shape[:2])
        if (high, wide) == sample.pixels.shape[:2]:
            return sample
        return sample.moved(crop(sample.pixels, *window), Affine.shift(-left, -top))
