"""SaltAndPepper: dead pixels and lost bits."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.amount import Amount, drawn, expect_amount, expect_probability
from pixelmill_kernels.salt_and_pepper import salt_and_pepper


@dataclass(frozen=True, slots=True)
class SaltAndPepper:
    """A share of the pixels made white or black; alpha stays.

    `amount`: that share, a number or [low, high] to draw from for each sample; `salt`: the share of
    white among them; `shared`: whole pixels, and otherwise single channels of them; `probability`
    of doing it.
    """

    amount: Amount = (0.01, 0.06)
    salt: float = 0.5
    shared: bool = True
    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_amount("amount", self.amount, 0, 1)
        expect_amount("salt", self.salt, 0, 1)
        expect_probability(self.probability)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        amount, key = drawn(self.amount, sample.random), sample.random.key()
        image = salt_and_pepper(sample.pixels, amount, key, self.salt, self.shared)
        return sample.with_image(image)
