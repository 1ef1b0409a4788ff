"""RandAugment: a few random operations, all of one magnitude (Cubuk et al. 2019)."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.affine import Filter
from pixelmill.transforms.operations import Range, operate

# The paper's space for ImageNet: magnitudes of 0..30, translations of up to 150 of 331 pixels.
MOST = 30
TABLE = {
    "identity": Range(),
    "autocontrast": Range(),
    "equalize": Range(),
    "rotate": Range(0, 30, signed=True),
    "solarize": Range(256, 0),
    "color": Range(0, 0.9, signed=True),
    "posterize": Range(8, 4),
    "contrast": Range(0, 0.9, signed=True),
    "brightness": Range(0, 0.9, signed=True),
    "sharpness": Range(0, 0.9, signed=True),
    "shear_x": Range(0, 0.3, signed=True),
    "shear_y": Range(0, 0.3, signed=True),
    "translate_x": Range(0, 150 / 331, signed=True),
    "translate_y": Range(0, 150 / 331, signed=True),
}
NAMES = tuple(TABLE)


@dataclass(frozen=True, slots=True)
class RandAugment:
    """So many `operations`, one after the other, each drawn from the paper's fourteen.

    `magnitude`: 0 to 30, the same for all; which way those go that have a sign is drawn.  What
    moves into the image from outside is the level `fill`.
    """

    operations: int = 2
    magnitude: int = 9
    fill: int = 128
    filter: Filter = "bilinear"

    def __post_init__(self) -> None:
        if self.operations < 1:
            raise ValueError(f"operations must be 1 or more, got {self.operations}")
        if not 0 <= self.magnitude <= MOST:
            raise ValueError(f"magnitude must be 0..{MOST}, got {self.magnitude}")

    def __call__(self, sample: Sample) -> Sample:
        for _ in range(self.operations):
            name = NAMES[sample.random.integer(0, len(NAMES))]
            sign = (1, -1)[sample.random.integer(0, 2)]
            amount = TABLE[name].at(self.magnitude / MOST, sign)
            sample = operate(sample, name, amount, self.fill, self.filter)
        return sample
