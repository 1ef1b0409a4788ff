"""CLAHE, windows, stretches and own levels against OpenCV and NumPy, one core.

pytest bench/kernels/bench_levels.py
"""

import cv2
import numpy as np
import pytest

from pixelmill_kernels.bands import select
from pixelmill_kernels.clahe import clahe
from pixelmill_kernels.grayscale import grayscale
from pixelmill_kernels.standardize import min_max, standardize
from pixelmill_kernels.stretch import stretch
from pixelmill_kernels.window import window

SIZES = {"468x401px": (401, 468), "2000x1500px": (1500, 2000)}
every_size = pytest.mark.parametrize("size", SIZES)


@pytest.fixture(autouse=True)
def one_core():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


@pytest.fixture
def film(photograph):
    """A function (height, width) -> 12 bits of gray in uint16, as a radiograph has."""
    return lambda height, width: grayscale(photograph(height, width)).astype(np.uint16) * 16


def lab_clahe(image):
    """What users write for colours: CLAHE of L in L*a*b*."""
    lab = cv2.cvtColor(image, cv2.COLOR_RGB2LAB)
    lab[..., 0] = cv2.createCLAHE(2.0, (8, 8)).apply(lab[..., 0])
    return cv2.cvtColor(lab, cv2.COLOR_LAB2RGB)


@every_size
@pytest.mark.parametrize("kind", ["gray 8 bit", "gray 16 bit", "RGB 8 bit"])
@pytest.mark.parametrize("rival", ["ours", "opencv"])
def bench_clahe(timed, photograph, film, rival, kind, size):
    colour = photograph(*SIZES[size])
    image = {"gray 8 bit": grayscale(colour), "gray 16 bit": film(*SIZES[size])}.get(kind, colour)
    if rival == "ours":
        run = lambda: clahe(image)  # noqa: E731
    elif image.shape[2] == 1:
        run = lambda: cv2.createCLAHE(2.0, (8, 8)).apply(image[..., 0])  # noqa: E731
        np.testing.assert_array_equal(run(), clahe(image)[..., 0])
    else:
        run = lambda: lab_clahe(image)  # noqa: E731
    timed(f"clahe {kind} {size}", run, image.shape[0] * image.shape[1])


def numpy_window(image):
    share = (image.astype(np.float32) - 1999.5) / 2999 + 0.5
    return (np.clip(share, 0, 1) * 255 + 0.5).astype(np.uint8)


WINDOWS = {
    "ours": lambda image: window(image, 2000, 3000),
    "numpy": numpy_window,
    "opencv": lambda image: cv2.convertScaleAbs(
        image, None, 255 / 2999, 127.5 - 1999.5 * 255 / 2999
    ),
}


@every_size
@pytest.mark.parametrize("rival", WINDOWS)
def bench_window(timed, film, rival, size):
    image = film(*SIZES[size])
    found = WINDOWS[rival](image).reshape(image.shape).astype(int)
    inside = (image > 600) & (image < 3400)  # below the window OpenCV takes the absolute value
    assert abs(found - WINDOWS["ours"](image))[inside].max() <= 1  # float32
    timed(f"window {size}", lambda: WINDOWS[rival](image), image.size)


def numpy_stretch(image):
    low, high = np.percentile(image, (1, 99))
    return (np.clip((image - low) / (high - low), 0, 1) * 255 + 0.5).astype(np.uint8)


@every_size
@pytest.mark.parametrize("rival", ["ours", "numpy"])
def bench_stretch(timed, film, rival, size):
    image = film(*SIZES[size])
    run = {"ours": stretch, "numpy": numpy_stretch}[rival]
    np.testing.assert_array_equal(run(image), stretch(image))
    timed(f"stretch {size}", lambda: run(image), image.size)


def opencv_standardize(image):
    mean, std = (part.ravel().astype(np.float32) for part in cv2.meanStdDev(image))
    return (image - mean) / std


SCALES = {
    "min_max ours": lambda image: min_max(image, layout="hwc"),
    "min_max opencv": lambda i: cv2.normalize(i, None, 0, 1, cv2.NORM_MINMAX, cv2.CV_32F),
    "per_image ours": lambda image: standardize(image, "channel", "hwc"),
    "per_image opencv": opencv_standardize,
}


@every_size
@pytest.mark.parametrize("rival", SCALES, ids=lambda name: name.replace(" ", "-"))
def bench_own_levels(timed, photograph, rival, size):
    image = photograph(*SIZES[size])
    kind = rival.split()[0]
    # 1e-6: float32
    np.testing.assert_allclose(SCALES[rival](image), SCALES[f"{kind} ours"](image), atol=1e-6)
    timed(f"{kind} {size}", lambda: SCALES[rival](image), image.size // 3)


BANDS = {
    "ours": lambda image: select(image, (3, 2, 1)),
    "numpy": lambda image: np.ascontiguousarray(image[..., [3, 2, 1]]),
    "opencv": lambda image: cv2.merge([image[..., band] for band in (3, 2, 1)]),
}


@every_size
@pytest.mark.parametrize("rival", BANDS)
def bench_bands(timed, rng, rival, size):
    image = rng.integers(0, 4000, (*SIZES[size], 13), np.uint16)
    np.testing.assert_array_equal(BANDS[rival](image), select(image, (3, 2, 1)))
    timed(f"3 of 13 bands {size}", lambda: BANDS[rival](image), image.shape[0] * image.shape[1])
