"""Clahe: local contrast evened out, as radiologists and photographers of dim places want it."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill_kernels.clahe import clahe


@dataclass(frozen=True, slots=True)
class Clahe:
    """Levels spread evenly within each of `tiles` (one number, or down and across), colours kept.

    `clip_limit`: how many times as frequent as the average a level may be in a tile; a higher limit
    is more contrast and more noise, 0 is no limit.
    """

    clip_limit: float = 2.0
    tiles: int | tuple[int, int] = 8

    def __post_init__(self) -> None:
        if not self.clip_limit >= 0:
            raise ValueError(f"clip_limit must be 0 or more, got {self.clip_limit}")
        if min(self.grid) < 1:
            raise ValueError(f"tiles must be 1 or more, got {self.tiles}")

    @property
    def grid(self) -> tuple[int, int]:
        return self.tiles if isinstance(self.tiles, tuple) else (self.tiles, self.tiles)

    def __call__(self, sample: Sample) -> Sample:
        return sample.with_image(clahe(sample.pixels, self.clip_limit, self.grid))
