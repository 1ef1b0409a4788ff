"""Warmup: what compiles takes seconds, and is done once, before the first sample.

The compiled code lies on disk (see `_cache`); from there a process loads it in a blink.
"""

import time
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NamedTuple

import numpy as np

from pixelmill_kernels._check import Array, expect_choice
from pixelmill_kernels._jit import kernels_compiled

__all__ = ["Warmed", "warmup"]


class Warmed(NamedTuple):
    """One kernel that is ready: `compiled` here, or else loaded from the cache on disk."""

    kernel: str
    seconds: float
    compiled: bool


def _of(module: str) -> Any:
    return import_module(f"pixelmill_kernels.{module}")


def _resize(image: Array) -> None:
    resize = _of("resize").resize
    resize(image, (48, 48))  # few taps: int16
    resize(image, (2, 2), "lanczos")  # many: float32


def _normalize(image: Array) -> None:
    for layout in ("chw", "hwc"):
        _of("normalize").normalize(image, (0.5,) * 3, (0.5,) * 3, layout)


def _fused(image: Array) -> None:
    for dtype in (np.float32, np.float16):
        _of("fused").resize_normalize(image, (48, 48), (0.5,) * 3, (0.5,) * 3, dtype=dtype)


def _warp(image: Array) -> None:
    for filter in ("nearest", "bilinear", "bicubic"):
        _of("warp").affine(image, ((1.0, 0.1, 0.0), (-0.1, 1.0, 0.0)), (96, 96), filter)


def _elastic(image: Array) -> None:
    dx, dy = _of("elastic").elastic_field((96, 96), 9.0, 3.0, 0)
    _of("remap").displace(image, dx, dy)


def _jitter(image: Array) -> None:
    steps = ("brightness", 1.1), ("contrast", 1.1), ("saturation", 1.1), ("hue", 0.1)
    _of("jitter").jitter(image, steps)


def _annotations(image: Array) -> None:
    """What boxes, polygons and run-length masks need on their way."""
    rle, polygon, size = _of("rle"), _of("polygon"), image.shape[:2]
    places = np.arange(8, dtype=np.int32)
    counts = rle.from_text(rle.to_text(rle.encode(rle.decode(rle.encode(image[..., 0]), size))))
    rle.box(rle.pick(counts, size, places, places), (8, 8))
    rings = polygon.clip(np.zeros((3, 2)), np.array([0, 3]), 8.0, 8.0)
    polygon.measure(*rings)


# Each kernel used once on an 8-bit RGB image.
_USES: dict[str, Callable[[Array], object]] = {
    "resize": _resize,
    "normalize": _normalize,
    "resize_normalize": _fused,
    "flip": lambda image: _of("geometry").flip(image),
    "rotate90": lambda image: _of("geometry").rotate90(image),
    "median": lambda image: _of("median").median(image),
    "gaussian": lambda image: _of("gaussian").gaussian(image, 1.0),
    "bilateral": lambda image: _of("bilateral").bilateral(image, 30.0),
    "nonlocal_means": lambda image: _of("nonlocal_means").nonlocal_means(image, 9.0),
    "total_variation": lambda image: _of("total_variation").total_variation(image, 9.0),
    "diffusion": lambda image: _of("diffusion").diffusion(image, 30.0),
    "wavelet": lambda image: _of("wavelet").wavelet(image, 9.0),
    "noise_level": lambda image: _of("noise_level").noise_level(image),
    "warp": _warp,
    "elastic": _elastic,
    "channel_sums": lambda image: _of("statistics").channel_sums(image),
    "brightness": lambda image: _of("blend").brightness(image, 1.2),
    "contrast": lambda image: _of("blend").contrast(image, 1.2),
    "saturation": lambda image: _of("blend").saturation(image, 1.2),
    "grayscale": lambda image: _of("grayscale").grayscale(image, 3),
    "hue": lambda image: _of("hsv").hue(image, 0.1),
    "ycbcr": lambda image: _of("ycbcr").rgb_to_ycbcr(image),
    "solarize": lambda image: _of("levels").solarize(image),
    "gamma": lambda image: _of("levels").gamma(image, 0.8),
    "equalize": lambda image: _of("equalize").equalize(image),
    "sharpness": lambda image: _of("sharpness").sharpness(image, 1.2),
    "color_jitter": _jitter,
    "gaussian_noise": lambda image: _of("noise").gaussian(image, 5, 1),
    "poisson_noise": lambda image: _of("poisson").poisson(image, 255, 1),
    "salt_and_pepper": lambda image: _of("salt_and_pepper").salt_and_pepper(image, 0.05, 1),
    "jpeg_artefacts": lambda image: _of("artefacts").jpeg_artefacts(image, 75),
    "motion_blur": lambda image: _of("blur").motion_blur(image, 5, 30.0),
    "erase": lambda image: _of("erase").erase(image, [(0, 0, 8, 8)], "noise"),
    "weigh": lambda image: _of("weigh").weigh([image, image], (0.5, 0.5)),
    "histogram": lambda image: _of("histogram").histogram(image),
    "laplacian_variance": lambda image: _of("laplacian").laplacian_variance(image),
    "perceptual_hash": lambda image: _of("hashing").perceptual_hash(image),
    "pixel_digest": lambda image: _of("digest").pixel_digest(image),
    "clahe": lambda image: _of("clahe").clahe(image),
    "standardize": lambda image: _of("standardize").standardize(image),
    "min_max": lambda image: _of("standardize").min_max(image),
    "brightness_histogram": lambda image: _of("exposure").brightness_histogram(image),
    "stretch": lambda image: _of("stretch").stretch(image),
    "annotations": _annotations,
    "mixup": lambda image: _of("mix").mixup(image, image.copy(), 0.3),
}
KERNELS = tuple(_USES)
USUAL = ("resize", "normalize", "flip")


def warmup(
    kernels: Sequence[str] = USUAL, tell: Callable[[Warmed], object] | None = None
) -> list[Warmed]:
    """Make kernels ready for 8-bit RGB images.

    Parameters
    ----------
    kernels : sequence of str
        Of `KERNELS`; what a usual job needs if left out.
    tell : callable, optional
        Called with each `Warmed` as it is done.

    Returns
    -------
    list of Warmed, in the order of `kernels`

    Raises
    ------
    ValueError
        A name that is not in `KERNELS`.
    """
    image = np.zeros((96, 96, 3), np.uint8)
    done = []
    for name in kernels:
        expect_choice(name, KERNELS, "kernel")
        before, start = kernels_compiled(), time.perf_counter()
        _USES[name](image)
        seconds = time.perf_counter() - start
        done.append(Warmed(name, seconds, kernels_compiled() > before))
        if tell:
            tell(done[-1])
    return done
