"""What every kernel of colours and levels does alike: with alpha, and on any machine."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from pixelmill_kernels.blend import brightness, contrast, saturation
from pixelmill_kernels.equalize import autocontrast, equalize
from pixelmill_kernels.grayscale import grayscale
from pixelmill_kernels.hsv import hsv_to_rgb, hue, rgb_to_hsv
from pixelmill_kernels.jitter import jitter
from pixelmill_kernels.levels import gamma, invert, posterize, solarize
from pixelmill_kernels.sharpness import sharpness
from pixelmill_kernels.ycbcr import rgb_to_ycbcr, ycbcr_to_rgb

STEPS = (("hue", 0.2), ("brightness", 1.2), ("contrast", 0.7), ("saturation", 1.6))

HERE = Path(__file__)
CODE = f"import {HERE.stem} as here; print(here.hash_of_everything())"

KERNELS = {
    "brightness": lambda image: brightness(image, 1.4),
    "contrast": lambda image: contrast(image, 0.6),
    "saturation": lambda image: saturation(image, 1.7),
    "grayscale": lambda image: grayscale(image, 3),
    "rgb_to_hsv": rgb_to_hsv,
    "hsv_to_rgb": hsv_to_rgb,
    "hue": lambda image: hue(image, 0.2),
    "rgb_to_ycbcr": rgb_to_ycbcr,
    "ycbcr_to_rgb": ycbcr_to_rgb,
    "invert": invert,
    "solarize": lambda image: solarize(image, 100),
    "posterize": lambda image: posterize(image, 3),
    "gamma": lambda image: gamma(image, 0.7),
    "equalize": equalize,
    "autocontrast": lambda image: autocontrast(image, 2),
    "sharpness": lambda image: sharpness(image, 1.8),
    "jitter": lambda image: jitter(image, STEPS),
}


@pytest.mark.parametrize("name", KERNELS)
def test_alpha_stays_and_does_not_touch_the_colours(rng, name):
    image = rng.integers(0, 256, (23, 31, 4), np.uint8)
    got = KERNELS[name](image)
    np.testing.assert_array_equal(got[..., 3], image[..., 3])
    alone = KERNELS[name](np.ascontiguousarray(image[..., :3]))
    np.testing.assert_array_equal(got[..., :3], alone)


def hash_of_everything():
    rng = np.random.default_rng(7)
    digest = hashlib.sha256()
    for shape in ((61, 83, 3), (67, 71, 4)):
        image = rng.integers(0, 256, shape, np.uint8)
        for kernel in KERNELS.values():
            digest.update(kernel(image).tobytes())
    every = np.arange(256, dtype=np.uint8).reshape(1, 256, 1)
    for exponent in np.geomspace(0.05, 20, 400):
        digest.update(gamma(every, exponent).tobytes())
    return digest.hexdigest()


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("cpu", ["nehalem", "haswell"])
def test_a_narrower_machine_gives_the_same_bytes(cpu, on_another_machine):
    assert on_another_machine(cpu, CODE, HERE.parent) == hash_of_everything()
