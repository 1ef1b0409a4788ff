"""Warmup: what compiles takes seconds, and is done once, before the first sample.

The compiled code lies in Numba's cache on disk; from there a process loads it in a blink.
"""

import time
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from pixelmill_kernels import (
    _separable,
    denoise,
    filters,
    fused,
    geometry,
    normalize,
    resize,
    statistics,
)
from pixelmill_kernels._check import Array, expect_choice
from pixelmill_kernels._jit import times_compiled


class Warmed(NamedTuple):
    """One kernel that is ready: `compiled` here, or else loaded from the cache on disk."""

    kernel: str
    seconds: float
    compiled: bool


def _resize(image: Array) -> None:
    resize.resize(image, (48, 48))  # few taps: int16
    resize.resize(image, (8, 8), "lanczos")  # many: float32


def _fused(image: Array) -> None:
    half = (0.5, 0.5, 0.5)
    for dtype in (np.float32, np.float16):
        fused.resize_normalize(image, (48, 48), half, half, dtype=dtype)


def _normalize(image: Array) -> None:
    normalize.normalize(image, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


_KERNELS: dict[str, tuple[Callable[[Array], Any], tuple[Callable[..., Any], ...]]] = {
    "resize": (_resize, (filters._fill, _separable._separable)),
    "fused": (_fused, (_separable._separable,)),
    "normalize": (_normalize, (normalize._planes,)),
    "flip": (geometry.flip, (geometry._mirror,)),
    "rotate90": (geometry.rotate90, (geometry._quarter,)),
    "median": (denoise.median, (denoise._median_3,)),
    "channel_sums": (statistics.channel_sums, (statistics._sums,)),
}
KERNELS = tuple(_KERNELS)
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
        use, parts = _KERNELS[name]
        before, start = sum(map(times_compiled, parts)), time.perf_counter()
        use(image)
        seconds = time.perf_counter() - start
        done.append(Warmed(name, seconds, sum(map(times_compiled, parts)) > before))
        if tell:
            tell(done[-1])
    return done
