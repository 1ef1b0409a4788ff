"""Task: the numbers of the four jobs, and the arithmetic that every loop would else repeat."""

import random
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from math import exp, log, sqrt
from typing import Any

import numpy as np

SIDE, CROP, QUALITY, BATCH = 256, 224, 90, 64
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)  # ImageNet's, of levels from 0 to 1
SIGMA, WINDOW = 1.5, 9  # the blur of J3, and the pixels that three sigmas take on both sides
_SCALE = (1 / (255 * np.array(STD, np.float32))).reshape(3, 1, 1)
_SHIFT = (-np.array(MEAN, np.float32) / np.array(STD, np.float32)).reshape(3, 1, 1)

Keyed = tuple[str, bytes]
Batches = Iterator[tuple[list[str] | None, Any]]


def target(height: int, width: int) -> tuple[int, int]:
    """Height and width once the shorter side is `SIDE`."""
    scale = SIDE / min(height, width)
    return round(height * scale), round(width * scale)


def reduction(height: int, width: int) -> int:
    """1, 2, 4 or 8: how far a decoder may reduce and leave at least twice the target."""
    return max((f for f in (1, 2, 4, 8) if min(height, width) >= 2 * SIDE * f), default=1)


def center(height: int, width: int) -> tuple[int, int]:
    """Top and left of the crop in the middle."""
    return round((height - CROP) / 2), round((width - CROP) / 2)


def random_box(height: int, width: int) -> tuple[int, int, int, int]:
    """Top, left, height, width: 8 to 100 % of the area, 3:4 to 4:3, as torchvision draws them."""
    for _ in range(10):
        area = height * width * random.uniform(0.08, 1)
        ratio = exp(random.uniform(log(3 / 4), log(4 / 3)))
        high, wide = round(sqrt(area / ratio)), round(sqrt(area * ratio))
        if 0 < high <= height and 0 < wide <= width:
            return random.randint(0, height - high), random.randint(0, width - wide), high, wide
    side = min(height, width)
    return (height - side) // 2, (width - side) // 2, side, side


def normalized(image: Any) -> Any:
    """A uint8 array [H, W, 3] as float32 [3, H, W], in two passes."""
    planes = np.multiply(image.transpose(2, 0, 1), _SCALE, dtype=np.float32)
    planes += _SHIFT
    return planes


def batched(
    samples: Iterable[Keyed], tensor: Callable[[bytes], Any], cores: int, stack: Any = np.stack
) -> Batches:
    """Batches of what `tensor` makes of each image, on threads where there are several cores.

    Threads serve every library that lets go of Python's lock, with no copy between processes.
    """

    def one(sample: Keyed) -> tuple[str, Any]:
        return sample[0], tensor(sample[1])

    with ThreadPoolExecutor(cores) as pool:
        source = iter(samples)
        while some := list(islice(source, BATCH)):
            done = list(map(one, some) if cores == 1 else pool.map(one, some))
            yield [key for key, _ in done], stack([made for _, made in done])
