"""What every public kernel asks of its arguments, and the words in which it refuses."""

from collections.abc import Collection, Sequence
from operator import index
from typing import Any, TypeAlias

import numpy as np

Array: TypeAlias = np.ndarray[Any, Any]
Number: TypeAlias = float | np.number[Any]

LEVELS = (np.dtype(np.uint8), np.dtype(np.uint16))
NUMBERS = (*LEVELS, np.dtype(np.float32))
COLOURS = (1, 3, 4)  # gray, RGB, RGBA
BANDS = range(1, 17)  # what satellites take: Sentinel-2 has 13 bands, Landsat 11, SAR 2


def expect_image(
    image: Array,
    dtypes: Sequence[np.dtype[Any]] = NUMBERS,
    name: str = "image",
    channels: Collection[int] = COLOURS,  # or BANDS
) -> None:
    """Raise unless `image` is (height, width, channels), C-contiguous, not empty, of a dtype."""
    if not isinstance(image, np.ndarray):
        raise TypeError(f"{name} must be a NumPy array, got {type(image).__name__}")
    if image.dtype not in dtypes:
        words = " or ".join(map(str, dtypes))
        raise TypeError(f"{name} must be {words}, got {image.dtype}; decode first, convert last")
    if image.ndim != 3 or image.shape[2] not in channels or image.size == 0:
        words = f"{min(channels)} to {max(channels)}" if channels == BANDS else "1, 3 or 4"
        raise ValueError(
            f"{name} must have shape (height, width, channels) with {words} channels and not be "
            f"empty, got {image.shape}"
        )
    if not image.flags.c_contiguous:
        raise ValueError(
            f"{name} of shape {image.shape} is not C-contiguous (strides {image.strides}); "
            "pass np.ascontiguousarray(image)"
        )


def expect_bytes(image: Array, channels: Sequence[int] = (1, 3, 4)) -> None:
    """Raise unless `image` is of 8 bits and has one of so many channels."""
    expect_image(image, (np.dtype(np.uint8),))
    if image.shape[2] not in channels:
        raise ValueError(
            f"image must have {' or '.join(map(str, channels))} channels, got {image.shape[2]}"
        )


def expect_out(out: Array | None, shape: tuple[int, ...], dtype: Any, image: Array) -> Array:
    """`out`, or a new array; raise unless it is C-contiguous, writeable and apart from `image`."""
    if out is None:
        return np.empty(shape, dtype)
    if not isinstance(out, np.ndarray):
        raise TypeError(f"out must be a NumPy array, got {type(out).__name__}")
    if out.shape != shape or out.dtype != dtype or not out.flags.carray:
        raise ValueError(
            f"out must be a C-contiguous, writeable {np.dtype(dtype)} array of shape {shape}, "
            f"got {out.dtype} of shape {out.shape}, strides {out.strides}"
        )
    if np.may_share_memory(out, image):
        raise ValueError("out shares memory with image; pass another array")
    return out


def expect_choice(value: str, choices: Sequence[str], name: str) -> None:
    """Raise unless `value` is one of `choices`."""
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, got {value!r}")


def rectangle(
    value: tuple[int, int, int, int] | None, within: tuple[int, int], name: str
) -> tuple[int, int, int, int]:
    """`value` as (top, left, height, width), all of `within` if None; raise if it sticks out."""
    if value is None:
        return 0, 0, within[0], within[1]
    try:
        top, left, height, width = map(index, value)
    except TypeError:
        raise TypeError(
            f"{name} must be four whole numbers (top, left, height, width), got {value!r}"
        ) from None
    bottom, right = top + height, left + width
    if not (0 <= top < bottom <= within[0] and 0 <= left < right <= within[1]):
        raise ValueError(
            f"{name} (top, left, height, width) = {tuple(value)} must lie within "
            f"{within[0]} x {within[1]} (height x width) and not be empty"
        )
    return top, left, height, width


class _View:
    """A second look at an array's memory; keeps the array alive."""

    def __init__(self, array: Array) -> None:
        self.array = array
        self.__array_interface__ = {
            "shape": array.shape,
            "typestr": array.dtype.str,
            "data": (array.ctypes.data, False),
            "version": 3,
        }


def for_reading(image: Array) -> Array:
    """`image` as kernels take it: one that is read-only would be compiled for a second time."""
    return image if image.flags.writeable else np.asarray(_View(image))
