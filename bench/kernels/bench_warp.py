"""warp, remap and elastic against OpenCV and Pillow, one core.  pytest bench/kernels/bench_warp.py

Every rival is given and gives NumPy arrays, and allocates its output.  OpenCV's cubic has a = -0.75
and Pillow's a = -1: the same work for other weights, so that only bilinear is compared by level.
"""

import cv2
import numpy as np
import pytest
from PIL import Image

from pixelmill_kernels.elastic import elastic_field
from pixelmill_kernels.remap import displace, remap
from pixelmill_kernels.warp import affine, perspective

SIZES = {"512x512px": (512, 512), "468x401px": (401, 468), "2000x1500px": (1500, 2000)}
OPENCV = {
    "nearest": cv2.INTER_NEAREST,
    "bilinear": cv2.INTER_LINEAR,
    "bicubic": cv2.INTER_CUBIC,
}
PILLOW = {
    "nearest": Image.Resampling.NEAREST,
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
}

every_size = pytest.mark.parametrize("size", SIZES)
every_filter = pytest.mark.parametrize("filter", OPENCV)


@pytest.fixture(autouse=True)
def one_core():
    before = cv2.getNumThreads()
    cv2.setNumThreads(1)
    yield
    cv2.setNumThreads(before)


def turn(size, tilt=0.0):
    """17 degrees about the middle; `tilt` makes it a homography."""
    whole = np.vstack([cv2.getRotationMatrix2D((size[1] / 2, size[0] / 2), 17, 1), [0, 0, 1]])
    whole[2, :2] = tilt / size[1], tilt / size[0]
    return whole


def from_centres(matrix):
    """The same map as OpenCV counts: from the centre of the first pixel."""
    back, forth = np.eye(3), np.eye(3)
    back[:2, 2], forth[:2, 2] = -0.5, 0.5
    return back @ matrix @ forth


def places(size):
    v, u = np.mgrid[: size[0], : size[1]] + 0.5
    x, y, _ = np.tensordot(np.linalg.inv(turn(size)), np.stack([u, v, np.ones_like(u)]), 1)
    return x.astype(np.float32), y.astype(np.float32)


def ours(image, what, filter):
    size = image.shape[:2]
    matrix, tilted = turn(size)[:2], turn(size, 0.1)
    if what == "affine":
        return lambda: affine(image, matrix, None, filter)
    if what == "perspective":
        return lambda: perspective(image, tilted, None, filter)
    x, y = places(size)
    return lambda: remap(image, x, y, filter)


def opencv(image, what, filter):
    size, code = image.shape[:2], OPENCV[filter]
    if what == "affine":
        matrix = from_centres(turn(size))[:2]
        return lambda: cv2.warpAffine(image, matrix, size[::-1], flags=code)
    if what == "perspective":
        matrix = from_centres(turn(size, 0.1))
        return lambda: cv2.warpPerspective(image, matrix, size[::-1], flags=code)
    x, y = (part - 0.5 for part in places(size))
    return lambda: cv2.remap(image, x, y, code)


def pillow(image, what, filter):
    if what != "affine":
        pytest.skip("Pillow is timed once, turning")
    inverse = tuple(np.linalg.inv(turn(image.shape[:2]))[:2].ravel())
    size, kind = image.shape[1::-1], Image.Transform.AFFINE
    return lambda: np.asarray(Image.fromarray(image).transform(size, kind, inverse, PILLOW[filter]))


@every_size
@pytest.mark.parametrize("what", ["affine", "perspective", "remap"])
@every_filter
@pytest.mark.parametrize("rival", [ours, opencv, pillow], ids=lambda rival: rival.__name__)
def bench_warp(timed, photograph, rival, filter, what, size):
    image = photograph(*SIZES[size])
    run = rival(image, what, filter)
    if filter == "bilinear":
        # right first; 8: OpenCV 4 rounds places to 1/32 of a pixel, version 5 is within 1
        middle = slice(SIZES[size][0] // 4, -SIZES[size][0] // 4)
        apart = np.abs(
            run()[middle, middle] - ours(image, what, filter)()[middle, middle].astype(int)
        )
        assert apart.max() <= 8
    timed(f"{what} {filter} {size}", run, image.size // 3)


# What nearest moves besides photographs: masks, radiographs, label images.  OpenCV warps no int32:
# it is given the same bytes as float32.
KINDS = {"gray": np.uint8, "RGBA": np.uint8, "gray 16 bit": np.uint16, "labels": np.int32}


@every_size
@pytest.mark.parametrize("what", ["affine", "perspective"])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.replace(" ", "-"))
@pytest.mark.parametrize("rival", [ours, opencv], ids=lambda rival: rival.__name__)
def bench_nearest(timed, rng, rival, kind, what, size):
    channels = 4 if kind == "RGBA" else 1
    image = rng.integers(0, 200, (*SIZES[size], channels)).astype(KINDS[kind])
    theirs = image.view(np.float32) if kind == "labels" else image
    found = opencv(theirs, what, "nearest")().reshape(image.shape).view(image.dtype)
    # right first; OpenCV 4 rounds places to 1/32 of a pixel, version 5 does not
    assert (found == ours(image, what, "nearest")()).mean() > 0.95
    run = rival(theirs if rival is opencv else image, what, "nearest")
    timed(f"{what} nearest {kind} {size}", run, SIZES[size][0] * SIZES[size][1])


def elastic_ours(image, sigma):
    seeds = iter(range(1 << 60))

    def run():
        dx, dy = elastic_field(image.shape[:2], 50.0, sigma, next(seeds))
        return displace(image, dx, dy)

    return run


def elastic_opencv(image, sigma):
    rng = np.random.default_rng(1)
    height, width = image.shape[:2]
    y, x = np.mgrid[:height, :width].astype(np.float32)

    def run():
        dx, dy = (
            cv2.GaussianBlur(rng.random((height, width), np.float32) * 2 - 1, (0, 0), sigma) * 50
            for _ in range(2)
        )
        mode = cv2.BORDER_REFLECT_101
        return cv2.remap(image, x + dx, y + dy, cv2.INTER_LINEAR, borderMode=mode)

    return run


@every_size
@pytest.mark.parametrize("sigma", [5.0, 15.0], ids=lambda sigma: f"sigma{sigma:g}px")
@pytest.mark.parametrize("rival", [elastic_ours, elastic_opencv], ids=lambda rival: rival.__name__)
def bench_elastic(timed, photograph, rival, sigma, size):
    image = photograph(*SIZES[size])
    shifts = elastic_field((400, 400), 50.0, sigma, 0)[0]
    assert shifts.std() == pytest.approx(0.163 * 50 / sigma, rel=0.3)
    timed(f"elastic {sigma:g}px {size}", rival(image, sigma), image.size // 3)
