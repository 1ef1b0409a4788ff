"""cut: a piece of one of the photographs, scaled, toned and grained, so that it is another one."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from io import BytesIO

import numpy as np
import numpy.typing as npt
from PIL import Image

from pixelmill.random import Randomness

Pixels = npt.NDArray[np.uint8]

LICENCES = {
    "astronaut": "public domain (NASA)",
    "camera": "CC0 (Lav Varshney)",
    "chelsea": "CC0 (Stefan van der Walt)",
    "coffee": "CC0 (Rachel Michetti)",
    "hubble_deep_field": "public domain (NASA)",
    "retina": "CC0 (Mikael Häggström)",
    "rocket": "public domain (SpaceX)",
}
"""The photographs that ship with pixelmill; `photos/ORIGINS.md` tells more."""

NAMES = tuple(LICENCES)

# A crop is enlarged to no more than twice its size: beyond that it looks soft, not photographed.
_LEAST_SCALE = 0.5


@dataclass(frozen=True, slots=True)
class Piece:
    """What is cut out of which photograph: `box` is (left, top, right, bottom) in its pixels."""

    photo: str
    size: tuple[int, int]
    box: tuple[float, float, float, float]
    flipped: bool


@cache
def photograph(name: str) -> Image.Image:
    """The photograph of that name, decoded once."""
    data = (files("pixelmill.demo") / "photos" / f"{name}.jpg").read_bytes()
    image = Image.open(BytesIO(data))
    image.load()
    return image


def choose_piece(photo: str, size: tuple[int, int], random: Randomness) -> Piece:
    """A rectangle of the shape of `size` (height, width), anywhere in the photograph."""
    wide, high = photograph(photo).size
    most = min(high / size[0], wide / size[1])
    scale = random.uniform(min(most, _LEAST_SCALE), most)
    height, width = size[0] * scale, size[1] * scale
    left = random.uniform(0, max(0.0, wide - width))
    top = random.uniform(0, max(0.0, high - height))
    box = (left, top, min(left + width, wide), min(top + height, high))
    return Piece(photo, size, box, flipped=random.uniform() < 0.5)


def cut(piece: Piece, grain: float, random: Randomness) -> Pixels:
    """The piece as (height, width, 1 or 3) pixels: a mild tone of its own, and a sensor's noise.

    `grain` is the noise's standard deviation in levels.  It is the same in the three channels,
    as cameras leave it after they have smoothed the colour.
    """
    high, wide = piece.size
    image = photograph(piece.photo).resize((wide, high), Image.Resampling.BICUBIC, box=piece.box)
    if piece.flipped:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    pixels = np.asarray(image).reshape(high, wide, -1)
    toned = _tone(random, pixels.shape[2])[pixels, np.arange(pixels.shape[2])]
    toned += random.generator().standard_normal((high, wide, 1), np.float32) * np.float32(grain)
    grained: Pixels = np.clip(toned, 0, 255, out=toned).astype(np.uint8)
    return grained


def _tone(random: Randomness, channels: int) -> npt.NDArray[np.float32]:
    """Level -> level for each channel: a gamma near 1 for all, a gain near 1 for each."""
    gamma = random.uniform(0.85, 1.15)
    gains = [random.uniform(0.95, 1.05) for _ in range(channels)]
    curve = 255 * (np.arange(256) / 255) ** gamma
    table: npt.NDArray[np.float32] = (curve[:, None] * np.array(gains) + 0.5).astype(np.float32)
    return table
