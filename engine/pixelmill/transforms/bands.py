"""Bands: the channels of a satellite image that are wanted, in the wanted order."""

from dataclasses import dataclass

from pixelmill.errors import TransformError
from pixelmill.sample import Sample
from pixelmill_kernels.bands import select


@dataclass(frozen=True, slots=True)
class Bands:
    """Channels `order`, counted from 1 as sensors and GDAL number them; [3, 2, 1] makes BGR RGB."""

    order: tuple[int, ...] = (3, 2, 1)

    def __post_init__(self) -> None:
        if not 1 <= len(self.order) <= 16 or min(self.order) < 1:
            raise ValueError(f"order must be 1 to 16 bands, counted from 1, got {list(self.order)}")

    def __call__(self, sample: Sample) -> Sample:
        channels = sample.pixels.shape[2]
        if max(self.order) > channels:
            raise TransformError(
                f"bands: {list(self.order)} of an image of {channels} channels; they are counted "
                "from 1"
            )
        return sample.with_image(select(sample.pixels, [band - 1 for band in self.order]))
