"""BrightnessRange: leaves out images that are nearly black or nearly white."""

from dataclasses import dataclass

from pixelmill.sample import Drop, Sample
from pixelmill_kernels.exposure import brightness_histogram
from pixelmill_kernels.histogram import percentiles


@dataclass(frozen=True, slots=True)
class BrightnessRange:
    """Drops a sample if 99 % of its pixels are darker than `dark`, or 95 % brighter than `bright`.

    0 is black and 1 white; brightness, percentiles and defaults are those of cleanvision.
    """

    dark: float = 0.32
    bright: float = 0.95

    def __post_init__(self) -> None:
        if not (0 <= self.dark <= 1 and 0 <= self.bright <= 1):
            raise ValueError(f"dark and bright must be 0..1, got {self.dark} and {self.bright}")

    def __call__(self, sample: Sample) -> Sample | Drop:
        counts = brightness_histogram(sample.pixels)
        low, high = percentiles(counts, (5, 99)) / (len(counts) - 1)
        if high < self.dark:
            return Drop("too_dark", {"p99": float(high)})
        if low > self.bright:
            return Drop("too_bright", {"p5": float(low)})
        return sample
