"""Resize: to a given shorter side, longer side or size, antialiased."""

from dataclasses import dataclass
from typing import Literal

from pixelmill.geometry import Affine
from pixelmill.sample import Sample
from pixelmill.transforms.pad import padded
from pixelmill_kernels.resize import resize

Filter = Literal["nearest", "box", "bilinear", "bicubic", "lanczos", "hamming"]
Size = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Resize:
    """The image scaled to `size`, a number of pixels or (height, width).

    `mode`: "shorter" or "longer" side becomes `size`; "exact" makes it (height, width), whatever
    the aspect; "fit" makes it as large as fits inside (height, width); "pad" fits it and fills the
    rest with the level `fill`, the image in the middle.  `only_shrink` leaves a smaller image as it
    is.  `antialias` widens the filter when shrinking, as Pillow does and OpenCV does not.
    """

    size: int | tuple[int, int]
    mode: Literal["shorter", "longer", "exact", "fit", "pad"] = "shorter"
    filter: Filter = "bicubic"
    only_shrink: bool = False
    antialias: bool = True
    fill: int = 0

    def __post_init__(self) -> None:
        sides = self.size if isinstance(self.size, tuple) else (self.size,)
        if min(sides) < 1:
            raise ValueError(f"size must be 1 or more, got {self.size}")
        if self.mode in ("shorter", "longer") and len(sides) == 2:
            raise ValueError(
                f"mode {self.mode!r} takes one number, got {list(sides)}; for (height, width) "
                "choose exact, fit or pad"
            )

    def target(self, size: Size) -> Size:
        """The (height, width) that an image of `size` is scaled to, padding left aside."""
        height, width = size
        box = self.box
        if self.mode == "exact":
            goal = box
        else:
            ratios = box[0] / height, box[1] / width
            scale = max(ratios) if self.mode == "shorter" else min(ratios)
            goal = _rounded(height, scale, box[0]), _rounded(width, scale, box[1])
        if self.only_shrink and goal[0] * goal[1] >= height * width:
            return size
        return goal

    least = target

    @property
    def box(self) -> Size:
        return self.size if isinstance(self.size, tuple) else (self.size, self.size)

    def __call__(self, sample: Sample) -> Sample:
        height, width = self.target(sample.size)
        sample = resized(sample, (height, width), self)
        if self.mode == "pad":
            sample = padded(sample, centred(self.box, (height, width)), "constant", self.fill)
        return sample


def resized(
    sample: Sample, size: Size, like: Resize, window: tuple[int, int, int, int] | None = None
) -> Sample:
    """The sample scaled to `size`, of which only `window` (top, left, height, width) is made."""
    image = sample.pixels
    if image.shape[:2] == size and window is None:
        return sample
    out = resize(image, size, like.filter, window=window, antialias=like.antialias)
    by = Affine.scale(size[1] / image.shape[1], size[0] / image.shape[0])
    if window is not None:
        by = by.then(Affine.shift(-window[1], -window[0]))
    return sample.moved(out, by)


def centred(outer: Size, inner: Size) -> tuple[int, int, int, int]:
    """(top, bottom, left, right) margins of `inner` centred in `outer`; 0 where it is larger."""
    high, wide = max(outer[0] - inner[0], 0), max(outer[1] - inner[1], 0)
    return high // 2, high - high // 2, wide // 2, wide - wide // 2


def _rounded(side: int, scale: float, goal: int) -> int:
    """`side * scale` to the nearest pixel; exactly `goal` where that is what was asked."""
    exact = side * scale
    return goal if abs(exact - goal) < 0.5 else max(1, int(exact + 0.5))
