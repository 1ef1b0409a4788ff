"""Colours and levels against OpenCV, Pillow and albumentations, one core, from and to NumPy.

pytest bench/kernels/bench_color.py

OpenCV and albumentations have other scales or roundings in places.  Pillow is what ours is held to,
byte for byte, before anything is timed.
"""

import albumentations
import cv2
import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageOps

from pixelmill_kernels import blend, equalize, hsv, levels, ycbcr
from pixelmill_kernels.grayscale import grayscale
from pixelmill_kernels.jitter import jitter
from pixelmill_kernels.sharpness import sharpness

SIZES = {"468x401px": (401, 468), "2000x1500px": (1500, 2000)}
JITTER = (("brightness", 1.3), ("contrast", 0.7), ("saturation", 1.4), ("hue", 0.1))
SMOOTH = np.float32([[1, 1, 1], [1, 5, 1], [1, 1, 1]]) / 13
A = albumentations


def pillow(change):
    return lambda image: np.asarray(change(Image.fromarray(image)))


def enhanced(name, factor):
    return pillow(lambda picture: getattr(ImageEnhance, name)(picture).enhance(factor))


def albumented(transform):
    return lambda image: transform(image=image)["image"]


def pillow_jitter(picture):
    for (_, factor), name in zip(JITTER, ("Brightness", "Contrast", "Color"), strict=False):
        picture = getattr(ImageEnhance, name)(picture).enhance(factor)
    bands = list(picture.convert("HSV").split())
    bands[0] = Image.fromarray(np.array(bands[0]) + np.uint8(int(255 * JITTER[3][1])))
    return Image.merge("HSV", bands).convert("RGB")


def both_ways(image):
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2HSV), cv2.COLOR_HSV2RGB)


def equalized(image):
    return cv2.merge([cv2.equalizeHist(plane) for plane in cv2.split(image)])


def sharpened(image):
    return cv2.addWeighted(image, 1.5, cv2.filter2D(image, -1, SMOOTH), -0.5, 0)


# For each kernel: ours, and its rivals by name.
KERNELS = {
    "rgb_to_hsv": (
        hsv.rgb_to_hsv,
        {
            "opencv": lambda image: cv2.cvtColor(image, cv2.COLOR_RGB2HSV),
            "pillow": pillow(lambda picture: picture.convert("HSV")),
        },
    ),
    "hsv_to_rgb": (
        hsv.hsv_to_rgb,
        {
            "opencv": lambda image: cv2.cvtColor(image, cv2.COLOR_HSV2RGB_FULL),
            "pillow": lambda image: np.asarray(
                Image.frombytes("HSV", image.shape[1::-1], image).convert("RGB")
            ),
        },
    ),
    "hue": (
        lambda image: hsv.hue(image, 0.1),
        {
            "opencv": both_ways,  # without a turn
            "albumentations": albumented(A.HueSaturationValue((18, 18), (0, 0), (0, 0), p=1)),
        },
    ),
    "rgb_to_ycbcr": (
        ycbcr.rgb_to_ycbcr,
        {
            "opencv": lambda image: cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb),
            "pillow": pillow(lambda picture: picture.convert("YCbCr")),
        },
    ),
    "ycbcr_to_rgb": (
        ycbcr.ycbcr_to_rgb,
        {
            "opencv": lambda image: cv2.cvtColor(image, cv2.COLOR_YCrCb2RGB),
            "pillow": lambda image: np.asarray(
                Image.frombytes("YCbCr", image.shape[1::-1], image).convert("RGB")
            ),
        },
    ),
    "grayscale": (
        lambda image: grayscale(image, 3),
        {
            "opencv": lambda image: cv2.cvtColor(
                cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB
            ),
            "albumentations": albumented(A.ToGray(p=1)),
            "pillow": pillow(lambda picture: picture.convert("L").convert("RGB")),
        },
    ),
    "brightness": (
        lambda image: blend.brightness(image, 1.3),
        {
            "opencv": lambda image: cv2.convertScaleAbs(image, alpha=1.3),
            "albumentations": albumented(
                A.ColorJitter((1.3, 1.3), (1, 1), (1, 1), (0, 0), p=1),
            ),
            "pillow": enhanced("Brightness", 1.3),
        },
    ),
    "contrast": (
        lambda image: blend.contrast(image, 0.7),
        {
            "albumentations": albumented(
                A.ColorJitter((1, 1), (0.7, 0.7), (1, 1), (0, 0), p=1),
            ),
            "pillow": enhanced("Contrast", 0.7),
        },
    ),
    "saturation": (
        lambda image: blend.saturation(image, 1.4),
        {
            "albumentations": albumented(
                A.ColorJitter((1, 1), (1, 1), (1.4, 1.4), (0, 0), p=1),
            ),
            "pillow": enhanced("Color", 1.4),
        },
    ),
    "invert": (
        levels.invert,
        {
            "opencv": cv2.bitwise_not,
            "albumentations": albumented(A.InvertImg(p=1)),
            "pillow": pillow(ImageOps.invert),
        },
    ),
    "solarize": (
        levels.solarize,
        {
            "albumentations": albumented(A.Solarize((0.5, 0.5), p=1)),
            "pillow": pillow(ImageOps.solarize),
        },
    ),
    "posterize": (
        lambda image: levels.posterize(image, 4),
        {
            "albumentations": albumented(A.Posterize(4, p=1)),
            "pillow": pillow(lambda picture: ImageOps.posterize(picture, 4)),
        },
    ),
    "gamma": (
        lambda image: levels.gamma(image, 0.8),
        {
            "opencv": lambda image: cv2.LUT(
                image, np.rint(255 * (np.arange(256) / 255) ** 0.8).astype(np.uint8)
            ),
            "albumentations": albumented(A.RandomGamma((80, 80), p=1)),
        },
    ),
    "equalize": (
        equalize.equalize,
        {
            "opencv": equalized,
            "albumentations": albumented(A.Equalize(by_channels=True, p=1)),
            "pillow": pillow(ImageOps.equalize),
        },
    ),
    "autocontrast": (
        lambda image: equalize.autocontrast(image, 1),
        {
            "albumentations": albumented(A.AutoContrast(cutoff=1, method="pil", p=1)),
            "pillow": pillow(lambda picture: ImageOps.autocontrast(picture, 1)),
        },
    ),
    "sharpness": (
        lambda image: sharpness(image, 1.5),
        {
            "opencv": sharpened,
            "albumentations": albumented(A.Sharpen(p=1)),  # another kernel of the same size
            "pillow": enhanced("Sharpness", 1.5),
        },
    ),
    "jitter": (
        lambda image: jitter(image, JITTER),
        {
            "albumentations": albumented(
                A.ColorJitter((1.3, 1.3), (0.7, 0.7), (1.4, 1.4), (0.1, 0.1), p=1),
            ),
            "pillow": pillow(pillow_jitter),
        },
    ),
}
CASES = [
    pytest.param(kernel, rival, id=f"{kernel}-{rival}")
    for kernel, (_, rivals) in KERNELS.items()
    for rival in ("ours", *rivals)
]


@pytest.fixture(autouse=True)
def one_core():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("kernel", "rival"), CASES)
def bench_color(timed, photograph, kernel, rival, size):
    image = photograph(*SIZES[size])
    ours, rivals = KERNELS[kernel]
    if "pillow" in rivals:
        np.testing.assert_array_equal(ours(image), rivals["pillow"](image))
    run = ours if rival == "ours" else rivals[rival]
    timed(f"{kernel} {size}", lambda: run(image), image.shape[0] * image.shape[1])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rival", ["ours", "opencv"])
def bench_invert_rgba(timed, photograph, rival, size):
    """OpenCV inverts alpha as well: no more than the same bytes to move."""
    image = cv2.cvtColor(photograph(*SIZES[size]), cv2.COLOR_RGB2RGBA)
    np.testing.assert_array_equal(levels.invert(image)[..., :3], cv2.bitwise_not(image)[..., :3])
    run = {"ours": levels.invert, "opencv": cv2.bitwise_not}[rival]
    timed(f"invert RGBA {size}", lambda: run(image), image.shape[0] * image.shape[1])
