"""Jitter: brightness, contrast, saturation and hue, one after the other, in one pass over memory.

Every step is done on a strip of pixels that stays in the first-level cache, then the next strip
comes.  The bytes are those of the steps one by one, and of torchvision's ColorJitter on a Pillow
image.  Contrast needs the mean gray of what comes before it: those steps are a pass of their own.

(All steps in registers, 16 pixels at a time, took a seventh longer: a processor looks some 200
instructions ahead, and finds too few in such a long chain that do not wait for another.)
"""

from collections.abc import Sequence

import numpy as np

from pixelmill_kernels._check import (
    Array,
    Number,
    expect_bytes,
    expect_choice,
    expect_out,
    for_reading,
)
from pixelmill_kernels._jit import kernel
from pixelmill_kernels.blend import (
    PERIOD,
    _factor_of,
    _fill_line,
    _on_line,
    _saturation,
    _tables_of,
)
from pixelmill_kernels.grayscale import _gray_sum, _mean_of
from pixelmill_kernels.hsv import TURN, _hsv, _turn_of

__all__ = ["jitter"]

BRIGHTNESS, CONTRAST, SATURATION, HUE = range(4)
STRIP = 4096  # pixels: 12 KiB of a first-level cache of 32, and no vector cut in two
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

    Returns
    -------
    uint8, shape (height, width, channels), 0..255
    """
    expect_bytes(image)
    codes, amounts = _coded(steps)
    out = expect_out(out, image.shape, image.dtype, image)
    if not codes.size:
        out[:] = image
        return out
    source, target, channels = for_reading(image).reshape(-1), out.reshape(-1), image.shape[2]
    pixels = image.shape[0] * image.shape[1]
    total = _gray_sum(source, channels) if codes[0] == CONTRAST else 0
    for part in _parts(codes):
        gray, more = np.float32(_mean_of(total, pixels)), part.stop < codes.size
        total = _jitter(source, target, channels, codes[part], amounts[part], gray, more)
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
    amounts = [_turn_of(amount) if name == "hue" else _factor_of(amount) for name, amount in steps]
    return codes, np.array(amounts, np.float32)


@kernel
def _jitter(
    source: Array,
    target: Array,
    channels: int,
    codes: Array,
    amounts: Array,
    gray: Number,
    summed: bool,
) -> int:
    """One pass, of which `gray` is the mean before it; the sum of the grays after it if asked."""
    lines = np.empty((2, codes.size, PERIOD), np.float32)
    tables = np.empty((codes.size, _tables_of(channels)), np.uint8)
    for n in range(codes.size):
        dull = gray if codes[n] == CONTRAST else np.float32(0)
        _fill_line(dull, amounts[n], channels, lines[0, n], lines[1, n], tables[n])
    total = 0
    for start in range(0, source.size, STRIP * channels):
        stop = min(start + STRIP * channels, source.size)
        before, after = source[start:stop], target[start:stop]
        for n in range(codes.size):
            if codes[n] == HUE:
                _hsv(before, after, channels, TURN, int(amounts[n]))
            elif codes[n] == SATURATION:
                _saturation(before, after, channels, amounts[n])
            else:
                _on_line(before, lines[0, n], lines[1, n], tables[n], channels, after)
            before = after
        if summed:
            total += _gray_sum(after, channels)
    return total
