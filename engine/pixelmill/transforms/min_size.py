"""MinSize: leaves out images too small to be worth training on."""

from dataclasses import dataclass

from pixelmill.sample import Drop, Sample


@dataclass(frozen=True, slots=True)
class MinSize:
    """Drops a sample whose shorter side, at full scale, is below `pixels`."""

    pixels: int
    needs_pixels = False

    def __post_init__(self) -> None:
        if self.pixels < 1:
            raise ValueError(f"pixels must be 1 or more, got {self.pixels}")

    def __call__(self, sample: Sample) -> Sample | Drop:
        height, width = sample.size
        if min(height, width) < self.pixels:
            return Drop("too_small", {"height": height, "width": width})
        return sample
