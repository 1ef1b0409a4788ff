"""Noise, JPEG artefacts and motion blur against NumPy, OpenCV, Pillow and albumentations, one core.

pytest bench/kernels/bench_noise.py
"""

import io

import cv2
import numpy as np
import pytest
from PIL import Image

from pixelmill_kernels.artefacts import jpeg_artefacts
from pixelmill_kernels.blur import line, motion_blur
from pixelmill_kernels.noise import gaussian, speckle
from pixelmill_kernels.poisson import poisson
from pixelmill_kernels.salt_and_pepper import salt_and_pepper

cv2.setNumThreads(1)
SIZES = {"468x401px": (401, 468), "2000x1500px": (1500, 2000)}
SIGMA, PHOTONS, AMOUNT, QUALITY, LENGTH, ANGLE = 10, 255, 0.05, 75, 7, 30


def albumentations(name, **options):
    """A run of one of its transforms, which is imported only where it is timed."""

    def make(image):
        import albumentations

        transform = getattr(albumentations, name)(p=1, **options)
        return lambda: transform(image=image)["image"]

    return make


def numpy_gaussian(image):
    rng = np.random.default_rng(1)
    return lambda: np.clip(image + rng.normal(0, SIGMA, image.shape), 0, 255).astype(np.uint8)


def opencv_gaussian(image):
    noise = np.empty(image.shape, np.int16)

    def run():
        cv2.randn(noise, (0, 0, 0), (SIGMA, SIGMA, SIGMA))
        return cv2.add(image, noise, dtype=cv2.CV_8U)

    return run


def numpy_poisson(image):
    rng = np.random.default_rng(1)
    return lambda: np.clip(rng.poisson(image), 0, 255).astype(np.uint8)


def numpy_specks(image):
    rng = np.random.default_rng(1)

    def run():
        draws, out = rng.random(image.shape[:2], np.float32), image.copy()
        out[draws < AMOUNT] = 0
        out[draws < AMOUNT / 2] = 255
        return out

    return run


def numpy_speckle(image):
    rng = np.random.default_rng(1)

    def run():
        factor = 1 + 0.1 * rng.standard_normal(image.shape, np.float32)
        return np.clip(image * factor, 0, 255).astype(np.uint8)

    return run


def pillow_jpeg(image):
    def run():
        file = io.BytesIO()
        Image.fromarray(image).save(file, "JPEG", quality=QUALITY)
        return np.asarray(Image.open(file))

    return run


def opencv_jpeg(image):
    options = [cv2.IMWRITE_JPEG_QUALITY, QUALITY]
    return lambda: cv2.imdecode(cv2.imencode(".jpg", image, options)[1], cv2.IMREAD_COLOR)


def opencv_blur(image):
    """The same line, and so the same pixels."""
    offsets, weights = line(LENGTH, ANGLE)
    reach = np.abs(offsets).max()
    kernel = np.zeros((2 * reach + 1, 2 * reach + 1), np.float32)
    kernel[offsets[:, 0] + reach, offsets[:, 1] + reach] = weights
    return lambda: cv2.filter2D(image, -1, kernel, borderType=cv2.BORDER_REPLICATE)


STD = (SIGMA / 255, SIGMA / 255)
RIVALS = {
    "gaussian": {
        "ours": lambda image: lambda: gaussian(image, SIGMA, 1),
        "numpy": numpy_gaussian,
        "opencv": opencv_gaussian,
        "albumentations": albumentations("GaussNoise", std_range=STD),
    },
    "gaussian, shared": {
        "ours": lambda image: lambda: gaussian(image, SIGMA, 1, shared=True),
        "albumentations": albumentations("GaussNoise", std_range=STD, per_channel=False),
    },
    "poisson": {
        "ours": lambda image: lambda: poisson(image, PHOTONS, 1),
        "numpy": numpy_poisson,
        "albumentations": albumentations("ShotNoise"),
    },
    "salt_and_pepper": {
        "ours": lambda image: lambda: salt_and_pepper(image, AMOUNT, 1),
        "numpy": numpy_specks,
        "albumentations": albumentations("SaltAndPepper", amount=(AMOUNT, AMOUNT)),
    },
    "speckle": {
        "ours": lambda image: lambda: speckle(image, 0.1, 1),
        "numpy": numpy_speckle,
        "albumentations": albumentations("MultiplicativeNoise", elementwise=True, per_channel=True),
    },
    "jpeg_artefacts": {
        "ours": lambda image: lambda: jpeg_artefacts(image, QUALITY),
        "pillow": pillow_jpeg,
        "opencv": opencv_jpeg,
        "albumentations": albumentations("ImageCompression", quality_range=(QUALITY, QUALITY)),
    },
    "motion_blur": {
        "ours": lambda image: lambda: motion_blur(image, LENGTH, ANGLE),
        "opencv": opencv_blur,
        "albumentations": albumentations(
            "MotionBlur", blur_limit=(LENGTH, LENGTH), angle_range=(ANGLE, ANGLE)
        ),
    },
}


def psnr(a, b):
    return 10 * np.log10(255**2 / ((a.astype(float) - b) ** 2).mean())


def assert_right(kernel, image):
    """The noise is as strong as asked; artefacts and blur are those of the first rival."""
    out = RIVALS[kernel]["ours"](image)()
    if kernel in ("jpeg_artefacts", "motion_blur"):
        theirs = RIVALS[kernel]["pillow" if kernel == "jpeg_artefacts" else "opencv"](image)()
        assert psnr(out, theirs) > 45
        return
    middle = np.full((300, 300, 3), 128, np.uint8)
    noise = RIVALS[kernel]["ours"](middle)().astype(float) - 128
    specks = (AMOUNT / 2 * (127**2 + 128**2)) ** 0.5
    expected = {"poisson": 128**0.5, "speckle": 12.8, "salt_and_pepper": specks}
    assert noise.std() == pytest.approx(expected.get(kernel, SIGMA), rel=0.03)


CASES = [(kernel, rival) for kernel, rivals in RIVALS.items() for rival in rivals]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("kernel", "rival"), CASES, ids=lambda word: word.replace(", ", "-"))
def bench_noise(timed, photograph, kernel, rival, size):
    image = photograph(*SIZES[size])
    assert_right(kernel, image)
    run = RIVALS[kernel][rival](image)
    timed(f"{kernel} {size}", run, image.shape[0] * image.shape[1])
