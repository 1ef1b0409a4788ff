"""ColorJitter: brightness, contrast, saturation and hue changed at random, as torchvision does."""

from dataclasses import dataclass

from pixelmill.random import Randomness
from pixelmill.sample import Sample
from pixelmill.transforms.amount import Amount, expect_amount, expect_probability
from pixelmill.transforms.eight_bits import eight_bits
from pixelmill_kernels.jitter import STEPS, jitter


@dataclass(frozen=True, slots=True)
class ColorJitter:
    """The four changes in random order, each by an amount drawn for the sample.

    `brightness`, `contrast`, `saturation`: a number b draws a factor from [max(0, 1 - b), 1 + b].
    `hue`: a number h, at most 0.5, draws a shift from [-h, h].  Any of them may be [low, high]
    itself.  0 leaves one out.  `probability` of doing it all.
    """

    brightness: Amount = 0.0
    contrast: Amount = 0.0
    saturation: Amount = 0.0
    hue: Amount = 0.0
    probability: float = 1.0

    def __post_init__(self) -> None:
        for name in STEPS[:3]:
            expect_amount(name, getattr(self, name), 0)
        expect_amount("hue", self.hue, -0.5 if isinstance(self.hue, tuple) else 0, 0.5)
        expect_probability(self.probability)
        if not any(self._range(name) for name in STEPS):
            raise ValueError("give one of `brightness`, `contrast`, `saturation`, `hue` above 0")

    def steps(self, random: Randomness) -> list[tuple[str, float]]:
        """What is done to one sample, in order: (name, factor or shift)."""
        ranges = {name: self._range(name) for name in STEPS}
        steps = [(name, random.uniform(*ranges[name])) for name in STEPS if ranges[name]]
        for last in range(len(steps) - 1, 0, -1):  # Fisher and Yates: every order alike
            other = random.integer(0, last + 1)
            steps[last], steps[other] = steps[other], steps[last]
        return steps

    def _range(self, name: str) -> tuple[float, float] | tuple[()]:
        amount: Amount = getattr(self, name)
        if isinstance(amount, tuple):
            return amount
        middle = 0.0 if name == "hue" else 1.0
        lowest = -amount if name == "hue" else max(0.0, 1.0 - amount)
        return (lowest, middle + amount) if amount else ()

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        image = eight_bits(sample, "color_jitter")
        return sample.with_image(jitter(image, self.steps(sample.random)))
