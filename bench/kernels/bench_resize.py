"""resize against Pillow, OpenCV, kornia-rs and torchvision, one core.

pytest bench/kernels/bench_resize.py

Every rival starts from a NumPy array and ends with one, as its users have it, but for Pillow, which
is timed a second time between images of its own.  OpenCV's INTER_LINEAR and INTER_CUBIC and
kornia-rs do not widen their filters when they reduce: they do less work, and alias; what they give
is not compared.
"""

import cv2
import numpy as np
import PIL
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
OPENCV = {"bilinear": cv2.INTER_LINEAR, "bicubic": cv2.INTER_CUBIC, "lanczos": cv2.INTER_LANCZOS4}
SIMD = "post" in PIL.__version__  # Pillow-SIMD calls its versions 9.5.0.post1 and the like


def ours(image, size, filter):
    out = np.empty((*size, 3), np.uint8)
    return lambda: resize(image, size, filter, out=out)


def pillow(image, size, filter):
    return lambda: np.asarray(Image.fromarray(image).resize(size[::-1], PILLOW[filter]))


def pillow_alone(image, size, filter):
    picture, goal = Image.fromarray(image), size[::-1]
    return lambda: picture.resize(goal, PILLOW[filter])


def pillow_simd(image, size, filter):
    if not SIMD:
        pytest.skip(f"this is Pillow {PIL.__version__}; make simd runs with Pillow-SIMD")
    return pillow(image, size, filter)


def opencv_area(image, size, filter):
    if filter != "bilinear":
        pytest.skip("INTER_AREA is one filter; it is timed once, beside bilinear")
    return lambda: cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA)


def opencv_not_antialiased(image, size, filter):
    return lambda: cv2.resize(image, size[::-1], interpolation=OPENCV[filter])


def kornia_rs(image, size, filter):
    kornia = pytest.importorskip("kornia_rs.imgproc", reason="kornia-rs is not installed")
    return lambda: kornia.resize(image, size, filter)


def torchvision(image, size, filter):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    tv = pytest.importorskip("torchvision.transforms.v2", reason="torchvision is not installed")
    if filter == "lanczos":
        pytest.skip("torchvision has no Lanczos for tensors")
    torch.set_num_threads(1)
    how = {"interpolation": tv.InterpolationMode(filter), "antialias": True}

    def run():  # the permuted view is channels last in memory: torchvision's fastest way
        planes = torch.from_numpy(image).permute(2, 0, 1).unsqueeze(0)
        return tv.functional.resize(planes, list(size), **how)[0].permute(1, 2, 0).numpy()

    return run


RIVALS = (
    *(ours, pillow, pillow_alone, pillow_simd),
    *(opencv_area, opencv_not_antialiased, kornia_rs, torchvision),
)
ANTIALIASED = (ours, pillow, pillow_simd, torchvision)


@pytest.fixture(autouse=True)
def one_core():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("filter", PILLOW)
@pytest.mark.parametrize("rival", RIVALS, ids=lambda rival: rival.__name__)
def bench_resize(timed, photograph, rival, filter, change):
    (height, width), size = CHANGES[change]
    image = photograph(height, width)
    run = rival(image, size, filter)
    if rival in ANTIALIASED:
        error = ((run().astype(float) - pillow(image, size, filter)()) ** 2).mean()
        assert error <= 255**2 / 1e5  # right first: 50 dB, for Pillow rounds between its passes
    timed(f"resize {filter} {change}", run, height * width)


@pytest.mark.parametrize("factor", [2, 4, 8])
@pytest.mark.parametrize("rival", ["ours", "opencv_area", "pillow_reduce"])
def bench_reduce(timed, photograph, rival, factor):
    image = photograph(1504, 2000)
    size = (1504 // factor, 2000 // factor)
    picture, out = Image.fromarray(image), np.empty((*size, 3), np.uint8)
    run = {
        "ours": lambda: resize(image, size, "box", out=out),
        "opencv_area": lambda: cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA),
        "pillow_reduce": lambda: picture.reduce(factor),
    }[rival]
    squares = image.reshape(size[0], factor, size[1], factor, 3).mean(axis=(1, 3))
    # 1 level: OpenCV rounds halves to even
    assert np.abs(np.asarray(run()).astype(float) - np.floor(squares + 0.5)).max() <= 1
    timed(f"reduce by {factor} 2000x1504px", run, 1504 * 2000)
