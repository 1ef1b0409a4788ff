"""resize against Pillow and OpenCV, one core.  pytest bench/kernels/bench_resize.py

Pillow is given its own image and gives its own, so that nothing is copied that its users would not
copy.  OpenCV has no antialiased bicubic: INTER_AREA, a box filter, is what its users reduce with.
"""

import cv2
import numpy as np
import pytest
from PIL import Image

from pixelmill_kernels.resize import resize

CHANGES = {
    "468x401-299x256px": ((401, 468), (256, 299)),
    "2000x1500-341x256px": ((1500, 2000), (256, 341)),
    "4000x3000-341x256px": ((3000, 4000), (256, 341)),
    "224x224-448x448px": ((224, 224), (448, 448)),
}
PILLOW = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
}


def ours(image, size, filter):
    return lambda: resize(image, size, filter)


def pillow(image, size, filter):
    picture, goal = Image.fromarray(image), size[::-1]
    return lambda: picture.resize(goal, PILLOW[filter])


def opencv_area(image, size, _):
    return lambda: cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA)


@pytest.fixture(autouse=True)
def one_core():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("filter", PILLOW)
@pytest.mark.parametrize("rival", [ours, pillow, opencv_area], ids=lambda rival: rival.__name__)
def bench_resize(timed, photograph, rival, filter, change):
    if rival is opencv_area and filter != "bilinear":
        pytest.skip("INTER_AREA is one filter; it is timed once, beside bilinear")
    (height, width), size = CHANGES[change]
    image = photograph(height, width)
    theirs = np.asarray(pillow(image, size, filter)(), float)
    error = ((resize(image, size, filter) - theirs) ** 2).mean()
    assert 10 * np.log10(255**2 / error) >= 50  # right first; Pillow rounds between its passes
    timed(f"resize {filter} {change}", rival(image, size, filter), height * width)
