"""Operations: what the augmentation policies choose from, as AutoAugment lists them (Cubuk 2018).

A policy's table says for each of them what the strongest amount is, and whether its sign is drawn.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pixelmill.geometry import Affine
from pixelmill.sample import Image, Sample
from pixelmill.transforms.affine import Filter, warped
from pixelmill.transforms.eight_bits import eight_bits
from pixelmill_kernels.blend import brightness, contrast, saturation
from pixelmill_kernels.equalize import autocontrast, equalize
from pixelmill_kernels.levels import posterize, solarize
from pixelmill_kernels.sharpness import sharpness


@dataclass(frozen=True, slots=True)
class Range:
    """From `weakest` at level 0 to `strongest` at level 1; `signed` ones go either way."""

    weakest: float = 0.0
    strongest: float = 0.0
    signed: bool = False

    def at(self, level: float, sign: int) -> float:
        amount = self.weakest + (self.strongest - self.weakest) * level
        return sign * amount if self.signed else amount


Table = Mapping[str, Range]
"""Shears are tangents, shifts shares of the side, turns degrees, colours factors less one;
posterize keeps so many bits, solarize inverts from that level on."""


def operate(sample: Sample, name: str, amount: float, fill: int, filter: Filter) -> Sample:
    """The sample after one operation."""
    if name in _COLORS:
        return sample.with_image(_COLORS[name](eight_bits(sample, name), amount))
    if name in _MAPS:
        height, width = size = sample.pixels.shape[:2]
        by = _MAPS[name](amount, height, width)
        return warped(sample, by, size, filter, "constant", fill)
    return sample  # identity


_COLORS: dict[str, Callable[[Image, float], Image]] = {
    "autocontrast": lambda image, _: autocontrast(image),
    "equalize": lambda image, _: equalize(image),
    "posterize": lambda image, bits: posterize(image, round(bits)),
    "solarize": lambda image, threshold: solarize(image, round(threshold)),
    "color": lambda image, amount: saturation(image, 1 + amount),
    "contrast": lambda image, amount: contrast(image, 1 + amount),
    "brightness": lambda image, amount: brightness(image, 1 + amount),
    "sharpness": lambda image, amount: sharpness(image, 1 + amount),
}
# As the papers' code has them: sheared about the corner, turned about the middle.
_MAPS: dict[str, Callable[[float, int, int], Affine]] = {
    "shear_x": lambda amount, *_: Affine(1.0, amount, 0.0, 0.0, 1.0, 0.0),
    "shear_y": lambda amount, *_: Affine(1.0, 0.0, 0.0, amount, 1.0, 0.0),
    "translate_x": lambda amount, _, width: Affine.shift(round(amount * width), 0.0),
    "translate_y": lambda amount, height, _: Affine.shift(0.0, round(amount * height)),
    "rotate": lambda degrees, height, width: Affine.rotate(degrees).about(width / 2, height / 2),
}
NAMES = ("identity", *_COLORS, *_MAPS)
