"""Measures against OpenCV, NumPy and what their users write, one core.

pytest bench/kernels/bench_measure.py
"""

import cv2
import numpy as np
import pytest

from pixelmill_kernels.exposure import brightness_histogram
from pixelmill_kernels.grayscale import grayscale
from pixelmill_kernels.histogram import histogram, percentiles
from pixelmill_kernels.laplacian import laplacian_variance
from pixelmill_kernels.statistics import channel_sums

SIZES = {"468x401px": (401, 468), "2000x1500px": (1500, 2000)}
RANKS = (1, 5, 50, 95, 99)

every_size = pytest.mark.parametrize("size", SIZES)


def rivals(*functions):
    return pytest.mark.parametrize("rival", functions, ids=lambda rival: rival.__name__)


@pytest.fixture(autouse=True)
def one_core():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


class Histogram:
    @staticmethod
    def ours(image):
        return histogram(image)

    @staticmethod
    def opencv(image):
        bins = 1 << (8 * image.itemsize)
        counts = [
            cv2.calcHist([image], [c], None, [bins], [0, bins]) for c in range(image.shape[2])
        ]
        return np.stack(counts).reshape(-1, bins)

    @staticmethod
    def numpy(image):
        bins = 1 << (8 * image.itemsize)
        return np.stack([np.bincount(plane, minlength=bins) for plane in image.reshape(-1, 3).T])


@every_size
@pytest.mark.parametrize("bits", [8, 16], ids=lambda bits: f"{bits}bit")
@rivals(Histogram.ours, Histogram.opencv, Histogram.numpy)
def bench_histogram(timed, photograph, rng, rival, bits, size):
    image = photograph(*SIZES[size])
    if bits == 16:
        image = image.astype(np.uint16) * 16 + rng.integers(0, 16, image.shape, np.uint16)
    np.testing.assert_array_equal(rival(image), histogram(image))
    timed(f"histogram RGB {bits} bit {size}", lambda: rival(image), image.size // 3)


class Sums:
    @staticmethod
    def ours(image):
        count, sums, squares = channel_sums(image)
        mean = sums / count
        return mean, np.sqrt(squares / count - mean**2)

    @staticmethod
    def opencv(image):
        mean, std = cv2.meanStdDev(image)
        return mean[:, 0], std[:, 0]

    @staticmethod
    def numpy(image):
        return image.mean(axis=(0, 1)), image.std(axis=(0, 1))


@every_size
@rivals(Sums.ours, Sums.opencv, Sums.numpy)
def bench_mean_and_spread(timed, photograph, rival, size):
    image = photograph(*SIZES[size])
    np.testing.assert_allclose(rival(image), Sums.numpy(image), rtol=1e-9)  # sums of float64
    timed(f"mean and spread {size}", lambda: rival(image), image.size // 3)


class Laplacian:
    @staticmethod
    def ours(image):
        return laplacian_variance(image)

    @staticmethod
    def opencv(image):
        gray = image if image.shape[2] == 1 else cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        return cv2.Laplacian(gray, cv2.CV_64F).var()


@every_size
@pytest.mark.parametrize("colours", ["gray", "RGB"])
@rivals(Laplacian.ours, Laplacian.opencv)
def bench_laplacian_variance(timed, photograph, rival, colours, size):
    image = photograph(*SIZES[size])
    image = grayscale(image) if colours == "gray" else image
    # 2 %: OpenCV's gray may be a level from Pillow's, which counts four times in the Laplacian
    np.testing.assert_allclose(rival(image), laplacian_variance(image), rtol=0.02)
    timed(
        f"Laplacian variance {colours} {size}",
        lambda: rival(image),
        image.shape[0] * image.shape[1],
    )


class Brightness:
    @staticmethod
    def ours(image):
        return percentiles(brightness_histogram(image), RANKS)

    @staticmethod
    def cleanvision(image):
        """As cleanvision computes it, in NumPy."""
        red, green, blue = (image[..., c].astype(np.float64) for c in range(3))
        return np.percentile(np.sqrt(0.241 * red**2 + 0.691 * green**2 + 0.068 * blue**2), RANKS)


@every_size
@rivals(Brightness.ours, Brightness.cleanvision)
def bench_brightness_percentiles(timed, photograph, rival, size):
    image = photograph(*SIZES[size])
    # half a level: a histogram holds whole ones
    np.testing.assert_allclose(rival(image), Brightness.cleanvision(image), atol=0.5)
    timed(f"brightness percentiles {size}", lambda: rival(image), image.size // 3)
