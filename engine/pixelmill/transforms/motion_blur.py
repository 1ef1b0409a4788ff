"""MotionBlur: the camera, or all it sees, moved while the shutter was open."""

from dataclasses import dataclass

from pixelmill.sample import Sample
from pixelmill.transforms.amount import Amount, drawn, expect_amount, expect_probability
from pixelmill_kernels.blur import LONGEST, motion_blur


@dataclass(frozen=True, slots=True)
class MotionBlur:
    """Each pixel becomes the mean along a line through it.

    `length` of the line in pixels and its `angle` in degrees counter-clockwise from the horizontal:
    numbers, or [low, high] to draw from for each sample; `probability` of doing it.
    """

    length: Amount = (3.0, 9.0)
    angle: Amount = (0.0, 180.0)
    probability: float = 1.0

    def __post_init__(self) -> None:
        expect_amount("length", self.length, 1, LONGEST)
        expect_amount("angle", self.angle, -360, 360)
        expect_probability(self.probability)

    def __call__(self, sample: Sample) -> Sample:
        if sample.random.uniform() >= self.probability:
            return sample
        length, angle = (drawn(amount, sample.random) for amount in (self.length, self.angle))
        return sample.with_image(motion_blur(sample.pixels, length, angle))
