"""Pad: margins around an image."""

from dataclasses import dataclass
from typing import Literal

from pixelmill.geometry import Affine
from pixelmill.sample import Sample
from pixelmill_kernels.geometry import pad

Margins = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Pad:
    """Margins of `border` pixels, or whatever `size` (height, width) still lacks, evenly around.

    `border`: one number, or [top, bottom, left, right].  `mode`: "constant" fills with the level
    `fill`, "edge" repeats the outermost pixels, "reflect" mirrors without repeating them.
    """

    border: int | tuple[int, int, int, int] = 0
    size: int | tuple[int, int] | None = None
    mode: Literal["constant", "edge", "reflect"] = "constant"
    fill: int = 0

    def __post_init__(self) -> None:
        margins = self.border if isinstance(self.border, tuple) else (self.border,)
        if min(margins) < 0:
            raise ValueError(f"border must be 0 or more, got {self.border}; center_crop cuts away")
        if self.size is None and max(margins) == 0:
            raise ValueError("give `border` or `size`")

    def margins(self, height: int, width: int) -> Margins:
        border = self.border if isinstance(self.border, tuple) else (self.border,) * 4
        if self.size is None:
            return border
        goal = self.size if isinstance(self.size, tuple) else (self.size, self.size)
        top, bottom, left, right = border
        high = max(goal[0] - height - top - bottom, 0)
        wide = max(goal[1] - width - left - right, 0)
        return (
            top + high // 2,
            bottom + high - high // 2,
            left + wide // 2,
            right + wide - wide // 2,
        )

    def __call__(self, sample: Sample) -> Sample:
        height, width = sample.pixels.shape[:2]
        return padded(sample, self.margins(height, width), self.mode, self.fill)


def padded(sample: Sample, margins: Margins, mode: str, fill: int) -> Sample:
    """The sample with (top, bottom, left, right) margins; the same one where all are 0."""
    if not any(margins):
        return sample
    top, bottom, left, right = margins
    out = pad(sample.pixels, top, bottom, left, right, mode, fill)
    return sample.moved(out, Affine.shift(left, top))
