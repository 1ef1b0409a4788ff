"""Looks: what photographs of each kind have in common: sizes, grain, quality, chroma."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["imagenet", "web", "camera", "camera-fine"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a kind of photographs is made.

    `sizes` are (height, width) and how often, in percent; a `trimmed` share of them has one side a
    little shorter, as people crop.  `grain` is the noise's standard deviation in levels, `quality`
    the JPEG's (both from, to), `full_chroma` the share with 4:4:4, `gray` that without colour.
    """

    sizes: dict[tuple[int, int], int]
    grain: tuple[float, float]
    quality: tuple[int, int]
    trimmed: float = 0.0
    full_chroma: float = 0.0
    gray: float = 0.0


LOOKS: dict[Kind, Look] = {
    # 401x468 pixels and 107 KB on average, as in ImageNet; 2 % of its photographs are gray.
    "imagenet": Look(
        sizes={
            (375, 500): 48,
            (500, 375): 15,
            (333, 500): 14,
            (500, 333): 6,
            (500, 500): 6,
            (480, 640): 4,
            (240, 320): 3,
            (256, 256): 2,
            (600, 800): 1,
            (768, 1024): 1,
        },
        grain=(3.0, 8.0),
        quality=(93, 98),
        trimmed=0.5,
        full_chroma=0.2,
        gray=0.02,
    ),
    # What sites serve: long sides of 1024 to 1600 pixels, about 200 KB.
    "web": Look(
        sizes={
            (683, 1024): 30,
            (1024, 683): 10,
            (768, 1024): 20,
            (800, 1200): 15,
            (900, 1600): 10,
            (1200, 1600): 10,
            (1067, 1600): 5,
        },
        grain=(2.0, 6.0),
        quality=(82, 92),
        trimmed=0.5,
    ),
    # Twelve megapixels, 3.5 MB on average: a telephone's, which smooths its noise away.
    "camera": Look({(3000, 4000): 100}, grain=(2.0, 5.0), quality=(91, 95)),
    # The same with the noise left in, 5 MB: a camera's at its finest setting.
    "camera-fine": Look({(3000, 4000): 100}, grain=(3.0, 8.0), quality=(93, 98)),
}
