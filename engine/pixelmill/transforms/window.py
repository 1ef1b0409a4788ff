"""Window: 16-bit values to gray levels, by a fixed window or by each image's percentiles."""

from dataclasses import dataclass
from typing import Literal

from pixelmill.sample import Sample
from pixelmill_kernels.stretch import stretch
from pixelmill_kernels.window import window


@dataclass(frozen=True, slots=True)
class Window:
    """Values around `center`, `width` wide, spread over all levels of `bits` bits.

    What lies below is black, above white.  `function`, `slope` and `intercept` are those of DICOM.
    Without `center` and `width`, the window reaches from the lower to the higher of `percentiles`
    (1 and 99) of each image, or `per` channel.  `invert` comes last and is for MONOCHROME1.
    """

    center: float | None = None
    width: float | None = None
    percentiles: tuple[float, float] | None = None
    function: Literal["linear", "linear_exact", "sigmoid"] = "linear"
    slope: float = 1.0
    intercept: float = 0.0
    bits: int = 8
    invert: bool = False
    per: Literal["image", "channel"] = "image"

    def __post_init__(self) -> None:
        if (self.center is None) != (self.width is None):
            raise ValueError("give both `center` and `width`, or neither")
        if self.center is not None and self.percentiles is not None:
            raise ValueError("give `center` and `width`, or `percentiles`, not all of them")
        if self.center is None and (self.function, self.slope, self.intercept) != ("linear", 1, 0):
            raise ValueError("function, slope and intercept go with `center` and `width`")
        narrowest = "1 or more" if self.function == "linear" else "above 0"
        if self.width is not None and not (
            self.width >= 1 if self.function == "linear" else self.width > 0
        ):
            raise ValueError(f"width must be {narrowest} for {self.function}, got {self.width}")
        if not 0 <= self.ends[0] < self.ends[1] <= 100:
            raise ValueError(f"percentiles must be 0 <= low < high <= 100, got {list(self.ends)}")
        if not 1 <= self.bits <= 16:
            raise ValueError(f"bits must be 1 to 16, got {self.bits}")

    @property
    def ends(self) -> tuple[float, float]:
        return self.percentiles or (1.0, 99.0)

    def __call__(self, sample: Sample) -> Sample:
        if self.center is None or self.width is None:
            image = stretch(sample.pixels, *self.ends, self.per, bits=self.bits)
            if self.invert:
                image = image.dtype.type((1 << self.bits) - 1) - image
        else:
            image = window(
                sample.pixels, self.center, self.width, self.function, slope=self.slope,
                intercept=self.intercept, bits=self.bits, invert=self.invert,
            )  # fmt: skip
        return sample.with_image(image)
