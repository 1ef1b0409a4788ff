"""Resampling: what `warp` and `remap` have in common, checked and prepared for the loops."""

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from pixelmill_kernels import _borders
from pixelmill_kernels._check import (
    BANDS,
    COLOURS,
    NUMBERS,
    Array,
    expect_choice,
    expect_image,
    expect_out,
    for_reading,
)
from pixelmill_kernels._covering import _nearest
from pixelmill_kernels._groups import WIDE, groups, put_back, taken
from pixelmill_kernels._llvm import LANES
from pixelmill_kernels._locating import Matrix
from pixelmill_kernels._sampling import _weighed

Level: TypeAlias = float | Sequence[float]

FILTERS = {"nearest": 1, "bilinear": 2, "bicubic": 4}  # neighbours along an axis
BORDERS = tuple(_borders.CODES)
LABELS = (*NUMBERS, np.dtype(np.int32))

NOWHERE = np.empty((0, 0), np.float32)
STAY = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0)


def resampled(
    image: Array,
    size: tuple[int, int],
    kind: int,
    matrix: Matrix,
    fields: tuple[Array, Array],
    filter: str,
    border: str,
    value: Level,
    out: Array | None,
) -> Array:
    """An image of `size` (height, width), each pixel read where `matrix` or `fields` say."""
    expect_choice(filter, tuple(FILTERS), "filter")
    expect_choice(border, BORDERS, "border")
    expect_image(image, LABELS if filter == "nearest" else NUMBERS, channels=BANDS)
    height, width = size
    if height < 1 or width < 1:
        raise ValueError(f"size (height, width) must be 1 x 1 or more, got {height} x {width}")
    channels = image.shape[2]
    values = _levels(value, channels, image.dtype)
    out = expect_out(out, (height, width, channels), image.dtype, image)
    if channels in COLOURS:
        _fill(image, out, kind, matrix, fields, filter, border, values)
        return out
    some = np.empty((height, width, WIDE if channels > WIDE else 1), image.dtype)
    for bands in groups(channels):
        _fill(taken(image, bands), some, kind, matrix, fields, filter, border, values[bands])
        put_back(some, out, bands)
    return out


def _fill(
    image: Array,
    out: Array,
    kind: int,
    matrix: Matrix,
    fields: tuple[Array, Array],
    filter: str,
    border: str,
    values: tuple[np.number[Any], ...],
) -> None:
    """The same for 1, 3 or 4 channels that were checked, into `out`."""
    (height, width, channels), code = out.shape, _borders.CODES[border]
    # The loops fill sixteen pixels of a row at a time.
    room = out if width >= LANES else np.empty((height, LANES, channels), image.dtype)
    across, down = (_as_wide(field, room.shape[1]) for field in fields)
    if filter == "nearest":
        finite = _nearest(for_reading(image), room, kind, matrix, across, down, code, values)
    else:
        like = (np.float32(0),) * FILTERS[filter]
        half = np.float32(0 if image.dtype == np.float32 else 0.5)
        levels = tuple(np.float32(level) for level in values)
        finite = _weighed(_with_neighbours(image, len(like)), room, image.shape[:2], kind, matrix,
                          across, down, code, levels, half, like)  # fmt: skip
    if not finite:
        raise ValueError(f"places must be finite, got {_first_strange(*fields)}")
    if room is not out:
        out[:] = room[:, :width]


def _levels(value: Level, channels: int, dtype: np.dtype[Any]) -> tuple[np.number[Any], ...]:
    """The border's level for each channel, in the image's dtype."""
    given = tuple(value) if isinstance(value, Sequence) else (value,) * channels
    try:
        levels = tuple(map(dtype.type, given))
    except OverflowError:
        levels = ()
    whole = dtype.kind == "f" or levels == given
    if len(levels) != channels or not whole or not all(map(math.isfinite, levels)):
        raise ValueError(
            f"value must be a level of {dtype}, or one for each of {channels} channels, got {value}"
        )
    return levels


def _with_neighbours(image: Array, taps: int) -> Array:
    """The image, or a larger copy of one that has too few pixels for a place and its neighbours."""
    height, width, channels = image.shape
    if min(height, width) >= taps:
        return for_reading(image)
    larger = np.zeros((max(height, taps), max(width, taps), channels), image.dtype)
    larger[:height, :width] = image
    return larger


def _first_strange(across: Array, down: Array) -> str:
    row, column = np.argwhere(~(np.isfinite(across) & np.isfinite(down)))[0]
    return f"({across[row, column]}, {down[row, column]}) at row {row}, column {column}"


def _as_wide(field: Array, width: int) -> Array:
    """A field whose rows are as wide as those that are computed."""
    if field.size == 0 or field.shape[1] == width:
        return for_reading(field)
    return np.pad(field, ((0, 0), (0, width - field.shape[1])), "edge")
