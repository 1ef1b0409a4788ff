"""Jitter: brightness, contrast, saturation and hue, one after the other, in one pass.

The pixels stay in registers between the steps, and are cut to whole levels there as they would be
in memory: the bytes are those of the steps one by one, and of torchvision's ColorJitter on a Pillow
image.  Contrast needs the mean gray of what comes before it, so that those steps are a pass of
their own.
"""

from collections.abc import Sequence

import numpy as np

from pixelmill_kernels._arithmetic import floor, maximum, minimum
from pixelmill_kernels._check import (
    Array,
    Number,
    expect_bytes,
    expect_choice,
    expect_out,
    for_reading,
)
from pixelmill_kernels._jit import Untyped, kernel, piece
from pixelmill_kernels._pixels import put, put_rest, rest_of, take
from pixelmill_kernels.blend import blended, factor_of, saturated
from pixelmill_kernels.grayscale import FLUSH, _gray_sum, gray_of, mean_of, sum_of
from pixelmill_kernels.hsv import turn_of, turned
from pixelmill_kernels.simd import LANES, splat

BRIGHTNESS, CONTRAST, SATURATION, HUE = range(4)
STEPS = ("brightness", "contrast", "saturation", "hue")


def jitter(image: Array, steps: Sequence[tuple[str, float]], out: Array | None = None) -> Array:
    """Do several colour changes in the order given.

    Parameters
    ----------
    image : uint8, shape (height, width, channels)
        Gray, RGB or RGBA, 0..255, C-contiguous.  Alpha stays.
    steps : sequence of (name, amount)
        Of "brightness", "contrast", "saturation" (a factor, as in `blend`) and "hue" (a shift, as
        in `hsv.hue`).  Any may be missing or come more than once.
    out : uint8, shape (height, width, channels), optional
        C-contiguous, apart from `image`.  Written in full, then returned.

    Returns
    -------
    uint8, shape (height, width, channels), 0..255

    Raises
    ------
    TypeError, ValueError
        A shape, dtype, layout, name or amount other than the above.
    """
    expect_bytes(image)
    codes, amounts = _coded(steps)
    out = expect_out(out, image.shape, image.dtype, image)
    source, target, channels = for_reading(image).reshape(-1), out.reshape(-1), image.shape[2]
    pixels = image.shape[0] * image.shape[1]
    total = _gray_sum(source, channels) if codes.size and codes[0] == CONTRAST else 0
    for part in _parts(codes):
        gray = np.float32(mean_of(total, pixels))
        total = _jitter(source, target, channels, codes[part], amounts[part], gray)
        source = target
    return out


def _parts(codes: Array) -> list[slice]:
    """Each pass over the pixels: a contrast begins a new one."""
    starts = [0, *(i for i in range(1, codes.size) if codes[i] == CONTRAST)]
    return [slice(*ends) for ends in zip(starts, [*starts[1:], codes.size], strict=True)]


def _coded(steps: Sequence[tuple[str, float]]) -> tuple[Array, Array]:
    """The steps as numbers: which, and how much."""
    for name, _ in steps:
        expect_choice(name, STEPS, "step")
    codes = np.array([STEPS.index(name) for name, _ in steps], np.int64)
    amounts = [turn_of(amount) if name == "hue" else factor_of(amount) for name, amount in steps]
    return codes, np.array(amounts, np.float32)


@kernel
def _jitter(
    source: Array, target: Array, channels: int, codes: Array, amounts: Array, gray: Number
) -> int:
    """One pass, of which `gray` is the mean before it; the sum of the grays after it."""
    pixels = source.size // channels
    whole = pixels // LANES * LANES
    total = 0
    for start in range(0, whole, FLUSH * LANES):
        grays = splat(np.float32(0))
        for i in range(start, min(start + FLUSH * LANES, whole), LANES):
            grays = grays + _sixteen(source, target, i, channels, codes, amounts, gray)
        total += sum_of(grays)
    if whole < pixels:
        room = rest_of(source, whole, channels)
        grays = _sixteen(room, room, 0, channels, codes, amounts, gray)
        put_rest(room, target, whole, channels)
        total += sum_of(grays)
    return total


@piece
def _sixteen(
    source: Array, target: Array, i: int, channels: int, codes: Array, amounts: Array, gray: Number
) -> Untyped:
    red, green, blue, alpha = take(source, i, channels)
    for n in range(codes.size):
        code, amount = codes[n], amounts[n]
        if code == HUE:
            red, green, blue = turned(red, green, blue, amount)
        else:
            if code == SATURATION:
                red, green, blue = saturated(red, green, blue, amount)
            else:
                dull = gray if code == CONTRAST else np.float32(0)
                red, green = blended(dull, amount, red), blended(dull, amount, green)
                blue = blended(dull, amount, blue)
            red, green, blue = _cut(red), _cut(green), _cut(blue)
    put(target, i, channels, (red, green, blue, alpha))
    return gray_of(red, green, blue)


@piece
def _cut(level: Untyped) -> Untyped:
    """To a whole level, as it is when it is stored."""
    return floor(minimum(maximum(level, 0.0), 255.0))
