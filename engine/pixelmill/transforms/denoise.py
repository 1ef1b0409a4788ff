"""Denoise: removes sensor and salt-and-pepper noise before it is scaled into something worse."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from pixelmill.sample import Sample
from pixelmill_kernels import denoise

Image: TypeAlias = npt.NDArray[Any]

# What each method takes: the option's value if it is not given, and the whole numbers allowed.
_TAKES: dict[str, dict[str, tuple[Any, range | None]]] = {
    "median": {"size": (3, range(3, 6, 2))},
    "gaussian": {"sigma": (0.8, None)},
    "bilateral": {"strength": ("auto", None), "size": (5, range(3, 32, 2))},
    "nlm": {
        "strength": ("auto", None),
        "patch": (7, range(1, 16, 2)),
        "search": (21, range(3, 64, 2)),
    },
    "diffusion": {"strength": ("auto", None), "iterations": (4, range(1, 1001))},
    "tv": {"strength": ("auto", None), "iterations": (20, range(1, 1001))},
    "wavelet": {"strength": ("auto", None), "levels": (3, range(1, 6))},
}
_MOST_SIGMA = 170.0  # the kernel's 512 pixels to a side, at three sigma

# What a method is given for noise of one level: of several tried, what gave the best mean PSNR on
# photographs with Gaussian noise of 10, 15 and 25 levels (bench/kernels/psnr.py tells it).
_BILATERAL, _DIFFUSION, _NLM, _TV = 4 / 3, 2.5, 0.6, 0.7

_FULL = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65535, np.dtype(np.float32): 1}


@dataclass(frozen=True, slots=True)
class Denoise:
    """The image with less noise; its size and type stay.

    `method` and what it takes: "median" `size` (3 or 5); "gaussian" `sigma` (pixels); "bilateral"
    `strength`, `size` (diameter); "diffusion" (Perona-Malik) `strength`, `iterations`; "nlm" (non-
    local means) `strength`, `patch`, `search` (sides); "tv" (total variation) `strength`,
    `iterations`; "wavelet" `strength`, `levels`.  `strength` is the noise's standard deviation in
    255ths of full scale; "auto" estimates it, image by image.
    """

    method: Literal["median", "gaussian", "bilateral", "diffusion", "nlm", "tv", "wavelet"] = (
        "median"
    )
    size: int | None = None
    sigma: float | None = None
    strength: float | Literal["auto"] | None = None
    patch: int | None = None
    search: int | None = None
    iterations: int | None = None
    levels: int | None = None

    def __post_init__(self) -> None:
        takes = _TAKES[self.method]
        for name in (field.name for field in fields(self)[1:]):
            value = getattr(self, name)
            if name not in takes:
                if value is not None:
                    known = ", ".join(takes)
                    raise ValueError(f"method {self.method!r} takes no {name}; it takes {known}")
            elif value is None:
                object.__setattr__(self, name, takes[name][0])  # job.yaml tells what was done
            else:
                _expect(name, value, takes[name][1])

    def __call__(self, sample: Sample) -> Sample:
        image = sample.pixels
        options = {name: getattr(self, name) for name in _TAKES[self.method]}
        strength = options.pop("strength", None)
        if strength is None:
            return sample.with_image(_METHODS[self.method](image, **options))
        noise = _noise(image) if strength == "auto" else strength * _FULL[image.dtype] / 255
        if noise == 0:
            return sample
        return sample.with_image(_METHODS[self.method](image, noise, **options))


def _noise(image: Image) -> float:
    """One standard deviation for all channels, in levels of the image."""
    return float(np.sqrt((denoise.noise_level(image) ** 2).mean()))


def _expect(name: str, value: Any, allowed: range | None) -> None:
    if allowed is not None and value not in allowed:
        odd = "odd and " if allowed.step == 2 else ""
        raise ValueError(f"{name} must be {odd}{allowed[0]} to {allowed[-1]}, got {value}")
    if name == "sigma" and not 0 < value <= _MOST_SIGMA:
        raise ValueError(f"sigma must be above 0 and {_MOST_SIGMA:.0f} at most, got {value}")
    if name == "strength" and value != "auto" and not value > 0:
        raise ValueError(f"strength must be above 0, or auto, got {value}")


def _bilateral(image: Image, noise: float, size: int) -> Image:
    # Its distance adds up channels, and so grows with their number.
    return denoise.bilateral(image, _BILATERAL * image.shape[2] * noise, size / 3, size)


def _diffusion(image: Image, noise: float, iterations: int) -> Image:
    return denoise.diffusion(image, _DIFFUSION * noise, iterations)


def _nlm(image: Image, noise: float, patch: int, search: int) -> Image:
    return denoise.nonlocal_means(image, _NLM * noise, noise, patch, search)


def _tv(image: Image, noise: float, iterations: int) -> Image:
    return denoise.total_variation(image, _TV * noise, iterations)


_METHODS: dict[str, Callable[..., Image]] = {
    "median": denoise.median,
    "gaussian": denoise.gaussian,
    "bilateral": _bilateral,
    "diffusion": _diffusion,
    "nlm": _nlm,
    "tv": _tv,
    "wavelet": denoise.wavelet,
}
