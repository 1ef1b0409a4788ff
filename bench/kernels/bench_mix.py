"""Erasing, mixup and cutmix against NumPy, OpenCV and albumentations, one core.

pytest bench/kernels/bench_mix.py
"""

import cv2
import numpy as np
import pytest

from pixelmill_kernels.erase import erase
from pixelmill_kernels.mix import cutmix, mixup

cv2.setNumThreads(1)
SIZES = {"468x401px": (401, 468), "2000x1500px": (1500, 2000)}
SHARE = 0.3


def half(image):
    """(top, left, height, width) of a quarter of the image."""
    height, width = image.shape[0] // 2, image.shape[1] // 2
    return height // 2, width // 2, height, width


def place(image):
    top, left, height, width = half(image)
    return np.s_[top : top + height, left : left + width]


def numpy_mixup(a, b):
    def run():
        mixed = a * np.float32(SHARE) + b * np.float32(1 - SHARE) + np.float32(0.5)
        return mixed.astype(a.dtype) if a.dtype == np.uint8 else mixed - np.float32(0.5)

    return run


def numpy_noise(a, b):
    rng = np.random.default_rng(1)

    def run():
        out = a.copy()
        out[place(a)] = rng.integers(0, 256, out[place(a)].shape, np.uint8)
        return out

    return run


def our_noise(a, b):
    return lambda: erase(a, [half(a)], "noise", key=1)


def our_blank(a, b):
    return lambda: erase(a, [half(a)])


def numpy_blank(a, b):
    def run():
        out = a.copy()
        out[place(a)] = 0
        return out

    return run


def albumentations_cutout(a, b):
    import albumentations

    # the same quarter, but wherever it is drawn
    transform = albumentations.CoarseDropout(
        num_holes_range=(1, 1), hole_height_range=(0.5, 0.5), hole_width_range=(0.5, 0.5), p=1
    )
    return lambda: transform(image=a)["image"]


def numpy_cutmix(a, b):
    def run():
        out = a.copy()
        out[place(a)] = b[place(a)]
        return out

    return run


def opencv_mixup(a, b):
    return lambda: cv2.addWeighted(a, SHARE, b, 1 - SHARE, 0)


MIXUP = {
    "ours": lambda a, b: lambda: mixup(a, b, SHARE),
    "opencv": opencv_mixup,
    "numpy": numpy_mixup,
}
RIVALS = {
    "mixup": MIXUP,
    "mixup-float32": MIXUP,
    "cutmix": {"ours": lambda a, b: lambda: cutmix(a, b, half(a)), "numpy": numpy_cutmix},
    "erase-constant": {
        "ours": our_blank,
        "numpy": numpy_blank,
        "albumentations": albumentations_cutout,
    },
    "erase-noise": {
        "ours": our_noise,
        "numpy": numpy_noise,
    },
}


def assert_right(kernel, a, b):
    out = RIVALS[kernel]["ours"](a, b)()
    if kernel == "erase-noise":
        outside = out.copy()
        outside[place(a)] = a[place(a)]
        np.testing.assert_array_equal(outside, a)
        assert out[place(a)].mean() == pytest.approx(127.5, rel=0.02)
    else:
        # 1e-3: float32 roundings in another order
        np.testing.assert_allclose(out, RIVALS[kernel]["numpy"](a, b)(), atol=1e-3)


CASES = [(kernel, rival) for kernel, rivals in RIVALS.items() for rival in rivals]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("kernel", "rival"), CASES, ids=str)
def bench_mix(timed, photograph, kernel, rival, size):
    dtype = np.float32 if kernel == "mixup-float32" else np.uint8
    a = photograph(*SIZES[size]).astype(dtype)
    b = np.ascontiguousarray(a[::-1])
    assert_right(kernel, a, b)
    timed(f"{kernel} {size}", RIVALS[kernel][rival](a, b), a.shape[0] * a.shape[1])
