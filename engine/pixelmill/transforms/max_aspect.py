"""MaxAspect: leaves out banners and strips, of which a crop shows next to nothing."""

from dataclasses import dataclass

from pixelmill.sample import Drop, Sample


@dataclass(frozen=True, slots=True)
class MaxAspect:
    """Drops a sample whose longer side is more than `ratio` times its shorter one."""

    ratio: float
    needs_pixels = False

    def __post_init__(self) -> None:
        if self.ratio < 1:
            raise ValueError(f"ratio must be 1 or more, got {self.ratio}")

    def __call__(self, sample: Sample) -> Sample | Drop:
        height, width = sample.size
        if max(height, width) > self.ratio * min(height, width):
            return Drop("too_long", {"height": height, "width": width})
        return sample
