"""What every kernel of colours and levels promises alike."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pixelmill_kernels import _tables
from pixelmill_kernels.blend import brightness, contrast, saturation
from pixelmill_kernels.equalize import autocontrast, equalize
from pixelmill_kernels.grayscale import grayscale
from pixelmill_kernels.hsv import hsv_to_rgb, hue, rgb_to_hsv
from pixelmill_kernels.jitter import jitter
from pixelmill_kernels.levels import gamma, invert, posterize, solarize
from pixelmill_kernels.sharpness import sharpness
from pixelmill_kernels.ycbcr import rgb_to_ycbcr, ycbcr_to_rgb

ROOT = Path(_tables.__file__).parents[1]
STEPS = (("hue", 0.2), ("brightness", 1.2), ("contrast", 0.7), ("saturation", 1.6))

KERNELS = {
    "brightness": lambda image, out=None: brightness(image, 1.4, out),
    "contrast": lambda image, out=None: contrast(image, 0.6, out),
    "saturation": lambda image, out=None: saturation(image, 1.7, out),
    "grayscale": lambda image, out=None: grayscale(image, 3, out),
    "rgb_to_hsv": rgb_to_hsv,
    "hsv_to_rgb": hsv_to_rgb,
    "hue": lambda image, out=None: hue(image, 0.2, out),
    "rgb_to_ycbcr": rgb_to_ycbcr,
    "ycbcr_to_rgb": ycbcr_to_rgb,
    "invert": invert,
    "solarize": lambda image, out=None: solarize(image, 100, out),
    "posterize": lambda image, out=None: posterize(image, 3, out),
    "gamma": lambda image, out=None: gamma(image, 0.7, out),
    "equalize": equalize,
    "autocontrast": lambda image, out=None: autocontrast(image, 2, out),
    "sharpness": lambda image, out=None: sharpness(image, 1.8, out),
    "jitter": lambda image, out=None: jitter(image, STEPS, out),
}
every_kernel = pytest.mark.parametrize("name", KERNELS)
SIZES = [(1, 1), (1, 7), (5, 1), (3, 3), (3, 5), (4, 4), (7, 9), (8, 8), (13, 31), (17, 64)]


@every_kernel
@pytest.mark.parametrize("channels", [3, 4])
def test_nothing_around_the_image_is_read_and_nothing_around_out_is_written(rng, name, channels):
    for height, width in SIZES:
        shape, size = (height, width, channels), height * width * channels
        levels = rng.integers(0, 256, shape, np.uint8)
        expected = KERNELS[name](levels)
        for sentinel in (0, 255):
            around = np.full(size + 400, sentinel, np.uint8)
            image = around[200 : 200 + size].reshape(shape)
            image[:] = levels
            room = np.full(size + 400, 77, np.uint8)
            out = room[200 : 200 + size].reshape(shape)
            assert KERNELS[name](image, out) is out
            np.testing.assert_array_equal(out, expected)
            np.testing.assert_array_equal(image, levels)
            assert (room[:200] == 77).all()
            assert (room[200 + size :] == 77).all()


@every_kernel
def test_alpha_stays_and_does_not_touch_the_colours(rng, name):
    image = rng.integers(0, 256, (23, 31, 4), np.uint8)
    got = KERNELS[name](image)
    np.testing.assert_array_equal(got[..., 3], image[..., 3])
    alone = KERNELS[name](np.ascontiguousarray(image[..., :3]))
    np.testing.assert_array_equal(got[..., :3], alone)


@every_kernel
def test_an_image_that_is_read_only_is_taken(rng, name):
    image = rng.integers(0, 256, (9, 7, 3), np.uint8)
    expected = KERNELS[name](image)
    image.flags.writeable = False
    np.testing.assert_array_equal(KERNELS[name](image), expected)


@every_kernel
def test_what_cannot_be_taken_is_refused_with_the_mend(name):
    with pytest.raises(ValueError, match=r"not C-contiguous.*ascontiguousarray"):
        KERNELS[name](np.zeros((4, 8, 3), np.uint8)[:, ::2])
    with pytest.raises(TypeError, match=r"uint8.* got float32; decode first, convert last"):
        KERNELS[name](np.zeros((4, 4, 3), np.float32))
    with pytest.raises(ValueError, match="with 1, 3 or 4 channels"):
        KERNELS[name](np.zeros((4, 4, 2), np.uint8))
    image = np.zeros((4, 4, 3), np.uint8)
    with pytest.raises(ValueError, match="out shares memory with image"):
        KERNELS[name](image, image)
    with pytest.raises(ValueError, match="out must be a C-contiguous"):
        KERNELS[name](image, np.zeros((4, 5, 3), np.uint8))


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
def test_a_narrower_machine_gives_the_same_bytes(cpu, tmp_path):
    # nehalem: SSE4.2.  haswell: AVX2.  Neither looks bytes up 64 at a time.
    environment = os.environ | {
        "NUMBA_CPU_NAME": cpu,
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": os.pathsep.join([str(ROOT), str(Path(__file__).parent)]),
    }
    code = f"import {Path(__file__).stem} as here; print(here.hash_of_everything())"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hash_of_everything()
