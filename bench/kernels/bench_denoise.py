"""The denoise family against its rivals, one core.  pytest bench/kernels/bench_denoise.py

What each gains on known noise, for its time: python -m bench.kernels.psnr
"""

import cv2
import numpy as np
import pytest
from skimage import restoration

from pixelmill_kernels import denoise

SIZES = {"468x401px": (401, 468), "2000x1500px": (1500, 2000)}
SMALL = {"299x256px": (256, 299)}  # for what takes OpenCV and scikit-image long


@pytest.fixture(autouse=True)
def one_core():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


def furthest(ours, theirs):
    return np.abs(ours.astype(float) - theirs).max()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("sigma", [1, 3], ids=lambda sigma: f"sigma{sigma}")
@pytest.mark.parametrize("rival", ["ours", "opencv"])
def bench_gaussian(timed, photograph, rival, sigma, size):
    image = photograph(*SIZES[size])
    run = {
        "ours": lambda: denoise.gaussian(image, sigma),
        "opencv": lambda: cv2.GaussianBlur(image, (0, 0), sigma),
    }
    assert furthest(run["ours"](), run["opencv"]()) <= 2  # OpenCV rounds weights to 256ths
    timed(f"gaussian sigma {sigma} {size}", run[rival], SIZES[size][0] * SIZES[size][1])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("diameter", [5, 9], ids=lambda diameter: f"d{diameter}")
@pytest.mark.parametrize("rival", ["ours", "opencv"])
def bench_bilateral(timed, photograph, rival, diameter, size):
    image = photograph(*SIZES[size])
    run = {
        "ours": lambda: denoise.bilateral(image, 30, 3, diameter),
        "opencv": lambda: cv2.bilateralFilter(image, diameter, 30, 3),
    }
    assert furthest(run["ours"](), run["opencv"]()) <= 1  # their own roundings
    timed(f"bilateral d {diameter} {size}", run[rival], SIZES[size][0] * SIZES[size][1])


@pytest.mark.parametrize("size", SMALL)
@pytest.mark.parametrize("rival", ["ours", "opencv", "scikit_image"])
def bench_nonlocal_means(timed, photograph, rival, size):
    image = photograph(*SMALL[size])
    run = {
        "ours": lambda: denoise.nonlocal_means(image, 60),
        # another formula: lightness and colour apart; compared by PSNR in bench.kernels.psnr
        "opencv": lambda: cv2.fastNlMeansDenoisingColored(image, None, 10, 10, 7, 21),
        "scikit_image": lambda: restoration.denoise_nl_means(
            image.astype(np.float32), 7, 10, 60, channel_axis=-1, preserve_range=True
        ),
    }
    inside = slice(13, -13)  # beyond borders they see other pixels
    apart = furthest(run["ours"]()[inside, inside], run["scikit_image"]()[inside, inside])
    assert apart <= 1.5  # theirs leaves out weights below exp(-5)
    timed(f"nonlocal means 7/21 {size}", run[rival], SMALL[size][0] * SMALL[size][1])


@pytest.mark.parametrize("size", SMALL)
@pytest.mark.parametrize("rival", ["ours", "scikit_image"])
def bench_total_variation(timed, photograph, rival, size):
    image = photograph(*SMALL[size])
    run = {
        "ours": lambda: denoise.total_variation(image, 10, 20),
        "scikit_image": lambda: (
            255
            * restoration.denoise_tv_chambolle(
                image / np.float32(255), 10 / 255, eps=0, max_num_iter=21, channel_axis=-1
            )
        ),
    }
    assert furthest(run["ours"](), run["scikit_image"]()) <= 0.51  # half a level of rounding
    timed(f"total variation 20 {size}", run[rival], SMALL[size][0] * SMALL[size][1])


@pytest.mark.parametrize("size", SMALL)
@pytest.mark.parametrize("rival", ["ours", "scikit_image"])
def bench_wavelet(timed, photograph, rival, size):
    pytest.importorskip("pywt")
    image = photograph(*SMALL[size])
    run = {
        "ours": lambda: denoise.wavelet(image, 9),
        "scikit_image": lambda: (
            255
            * restoration.denoise_wavelet(
                image / np.float32(255),
                9 / 255,
                convert2ycbcr=True,
                rescale_sigma=True,
                channel_axis=-1,
            )
        ),
    }
    # other wavelets and another rule: about the same image, 36 dB apart and nearer
    error = ((run["ours"]().astype(float) - run["scikit_image"]()) ** 2).mean()
    assert 10 * np.log10(255**2 / error) >= 30
    timed(f"wavelet {size}", run[rival], SMALL[size][0] * SMALL[size][1])


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rival", ["ours", "opencv"])
def bench_noise_level(timed, photograph, rival, size):
    image = photograph(*SIZES[size])
    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    height, width = SIZES[size]
    scale = np.sqrt(np.pi / 2) / (6 * (width - 2) * (height - 2))

    def opencv():
        answers = np.abs(cv2.filter2D(image, cv2.CV_32F, mask)[1:-1, 1:-1])
        return scale * np.array(cv2.sumElems(answers)[:3])

    run = {"ours": lambda: denoise.noise_level(image), "opencv": opencv}
    np.testing.assert_allclose(run["ours"](), opencv(), rtol=1e-9)
    timed(f"noise level {size}", run[rival], height * width)
