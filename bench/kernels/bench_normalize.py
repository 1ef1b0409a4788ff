"""normalize against what a user would write without it.  pytest bench/kernels/bench_normalize.py"""

import cv2
import numpy as np
import pytest

from pixelmill_kernels.normalize import normalize

MEAN = np.float32([0.485, 0.456, 0.406])
STD = np.float32([0.229, 0.224, 0.225])


def ours(image):
    return normalize(image, MEAN, STD)


def numpy(image):
    return np.ascontiguousarray(((image / np.float32(255) - MEAN) / STD).transpose(2, 0, 1))


def opencv(image):
    planes = cv2.dnn.blobFromImage(image, 1 / 255, mean=tuple(255 * MEAN.astype(float)))[0]
    planes /= STD[:, None, None]
    return planes


@pytest.mark.parametrize("side", [224, 1024], ids=lambda side: f"{side}px")
@pytest.mark.parametrize("rival", [ours, numpy, opencv], ids=lambda rival: rival.__name__)
def bench_normalize(timed, photograph, rival, side):
    image = photograph(side, side)
    # 4e-6: OpenCV's own roundings of values up to 2.7 come to twice ours
    np.testing.assert_allclose(rival(image), numpy(image), atol=4e-6)
    timed(f"normalize {side}px", lambda: rival(image), side * side)
