"""RandomResizedCrop: a random part of the image, scaled to one size (Szegedy et al. 2014)."""

import math
from dataclasses import dataclass

from pixelmill.geometry import Affine
from pixelmill.random import Randomness
from pixelmill.sample import Sample
from pixelmill.transforms.resize import Filter
from pixelmill_kernels.resize import resize

Rectangle = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class RandomResizedCrop:
    """A crop of random area (`scale`, a share of the image) and aspect (`ratio`, width : height),
    scaled to `size`; the draws are those of torchvision: area uniform, aspect log-uniform, ten
    tries, then the largest middle crop whose aspect is allowed.
    """

    size: int | tuple[int, int]
    scale: tuple[float, float] = (0.08, 1.0)
    ratio: tuple[float, float] = (3 / 4, 4 / 3)
    filter: Filter = "bicubic"

    def __post_init__(self) -> None:
        if min(self.goal) < 1:
            raise ValueError(f"size must be 1 or more, got {self.size}")
        if not 0 < self.scale[0] <= self.scale[1] <= 1:
            raise ValueError(f"scale must be 0 < low <= high <= 1, got {list(self.scale)}")
        if not 0 < self.ratio[0] <= self.ratio[1]:
            raise ValueError(f"ratio must be 0 < low <= high, got {list(self.ratio)}")

    @property
    def goal(self) -> tuple[int, int]:
        return self.size if isinstance(self.size, tuple) else (self.size, self.size)

    def rectangle(self, height: int, width: int, random: Randomness) -> Rectangle:
        """(top, left, height, width) of the crop in an image of that size."""
        aspects = math.log(self.ratio[0]), math.log(self.ratio[1])
        for _ in range(10):
            area = height * width * random.uniform(*self.scale)
            aspect = math.exp(random.uniform(*aspects))
            wide, high = round(math.sqrt(area * aspect)), round(math.sqrt(area / aspect))
            if 0 < wide <= width and 0 < high <= height:
                top = random.integer(0, height - high + 1)
                return top, random.integer(0, width - wide + 1), high, wide
        wide, high = width, height
        if width / height < self.ratio[0]:
            high = max(1, round(width / self.ratio[0]))
        elif width / height > self.ratio[1]:
            wide = max(1, round(height * self.ratio[1]))
        return (height - high) // 2, (width - wide) // 2, high, wide

    def map(self, rectangle: Rectangle) -> Affine:
        """Where the pixels of a rectangle go."""
        top, left, high, wide = rectangle
        shift, scale = Affine.shift(-left, -top), (self.goal[1] / wide, self.goal[0] / high)
        return shift.then(Affine.scale(*scale))

    def __call__(self, sample: Sample) -> Sample:
        image = sample.pixels
        rectangle = self.rectangle(image.shape[0], image.shape[1], sample.random)
        out = resize(image, self.goal, self.filter, crop=rectangle)
        return sample.moved(out, self.map(rectangle))
