"""AugMix: several chains of operations, mixed with the image they began with (Hendrycks 2020)."""

from dataclasses import dataclass

from pixelmill.random import Randomness
from pixelmill.sample import Sample
from pixelmill.transforms.affine import Filter
from pixelmill.transforms.amount import Whole, drawn_whole, expect_amount
from pixelmill.transforms.eight_bits import eight_bits
from pixelmill.transforms.operations import Range, operate
from pixelmill_kernels.weigh import weigh

# The paper's operations: none of those that make the test corruptions.  At severity 10 they are at
# their strongest; of each the level is drawn from 0.1 up to the severity.
MOST = 10
TABLE = {
    "autocontrast": Range(),
    "equalize": Range(),
    "posterize": Range(4, 0),
    "rotate": Range(0, 30, signed=True),
    "solarize": Range(256, 0),
    "shear_x": Range(0, 0.3, signed=True),
    "shear_y": Range(0, 0.3, signed=True),
    "translate_x": Range(0, 1 / 3, signed=True),
    "translate_y": Range(0, 1 / 3, signed=True),
}
NAMES = tuple(TABLE)


@dataclass(frozen=True, slots=True)
class AugMix:
    """`width` chains of `depth` operations each, and the image itself, in random shares.

    `severity`: 0.1 to 10, how strong an operation may be.  `depth`: a number, or [low, high] to
    draw from for each chain.  The shares are uniform draws (the paper's Dirichlet and Beta
    distributions of alpha 1).  Pixels of several places lie over one another, so the map stays that
    of the image.
    """

    severity: float = 3.0
    width: int = 3
    depth: Whole = (1, 3)
    fill: int = 128
    filter: Filter = "bilinear"

    def __post_init__(self) -> None:
        expect_amount("severity", self.severity, 0.1, MOST)
        expect_amount("depth", self.depth, 1)
        if self.width < 1:
            raise ValueError(f"width must be 1 or more, got {self.width}")

    def __call__(self, sample: Sample) -> Sample:
        image = eight_bits(sample, "aug_mix")
        share = sample.random.uniform()  # of the chains, together
        parts = shares(self.width, sample.random)
        chains = [self._chain(sample).pixels for _ in range(self.width)]
        weights = [1 - share, *(share * part for part in parts)]
        return sample.with_image(weigh([image, *chains], weights))

    def _chain(self, sample: Sample) -> Sample:
        random = sample.random
        for _ in range(drawn_whole(self.depth, random)):
            name = NAMES[random.integer(0, len(NAMES))]
            level = random.uniform(0.1, max(self.severity, 0.1)) / MOST
            amount = TABLE[name].at(level, (1, -1)[random.integer(0, 2)])
            amount = max(amount, 1.0) if name == "posterize" else amount  # no bit is no image
            sample = operate(sample, name, amount, self.fill, self.filter)
        return sample


def shares(count: int, random: Randomness) -> list[float]:
    """`count` shares of the sum one, all splits alike: the gaps between sorted uniform draws."""
    cuts = sorted(random.uniform() for _ in range(count - 1))
    return [high - low for low, high in zip([0.0, *cuts], [*cuts, 1.0], strict=True)]
