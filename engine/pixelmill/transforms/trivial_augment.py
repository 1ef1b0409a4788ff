"""TrivialAugment: one random operation of a random strength (Mueller and Hutter 2021)."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.affine import Filter
from pixelmill.transforms.operations import Range, operate

# The paper's "wide" space: 31 strengths, and translations of up to 32 pixels (here of 224).
STRENGTHS = 31
TABLE = {
    "identity": Range(),
    "autocontrast": Range(),
    "equalize": Range(),
    "rotate": Range(0, 135, signed=True),
    "solarize": Range(256, 0),
    "color": Range(0, 0.99, signed=True),
    "posterize": Range(8, 2),
    "contrast": Range(0, 0.99, signed=True),
    "brightness": Range(0, 0.99, signed=True),
    "sharpness": Range(0, 0.99, signed=True),
    "shear_x": Range(0, 0.99, signed=True),
    "shear_y": Range(0, 0.99, signed=True),
    "translate_x": Range(0, 32 / 224, signed=True),
    "translate_y": Range(0, 32 / 224, signed=True),
}
NAMES = tuple(TABLE)


@dataclass(frozen=True, slots=True)
class TrivialAugment:
    """One operation, drawn from the paper's fourteen, of one of 31 strengths; nothing to tune.

    What moves into the image from outside is the level `fill`.
    """

    fill: int = 128
    filter: Filter = "bilinear"

    def __call__(self, sample: Sample) -> Sample:
        random = sample.random
        name = NAMES[random.integer(0, len(NAMES))]
        level = random.integer(0, STRENGTHS) / (STRENGTHS - 1)
        amount = TABLE[name].at(level, (1, -1)[random.integer(0, 2)])
        return operate(sample, name, amount, self.fill, self.filter)
