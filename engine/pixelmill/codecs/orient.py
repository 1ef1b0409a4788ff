"""Orient: pixels as EXIF's orientation tag shows them."""

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from pixelmill.geometry import Affine

_Array = npt.NDArray[Any]

_TURNS: dict[int, Callable[[_Array], _Array]] = {
    2: lambda image: image[:, ::-1],
    3: lambda image: image[::-1, ::-1],
    4: lambda image: image[::-1],
    5: lambda image: image.T,
    6: lambda image: image[::-1].T,
    7: lambda image: image[::-1, ::-1].T,
    8: lambda image: image.T[::-1],
}
_INVERSE = {6: 8, 8: 6}  # the others undo themselves


def turned(image: _Array, orientation: int) -> _Array:
    """`image` (height, width, channels) as `orientation` 1..8 shows it, C-contiguous."""
    if orientation == 1:
        return image
    channels = image.shape[2]
    # Whole pixels of an opaque type instead of levels: NumPy's strided copy then takes half the
    # time.
    pixels = image.view(np.dtype((np.void, image.itemsize * channels)))[..., 0]
    moved = np.ascontiguousarray(_TURNS[orientation](pixels))
    return moved.view(image.dtype).reshape(*moved.shape, channels)


def unturned(image: _Array, orientation: int) -> _Array:
    """The stored pixels of an `image` that a decoder has already turned."""
    return turned(image, _INVERSE.get(orientation, orientation))


def map_of(orientation: int, height: int, width: int) -> Affine:
    """Where `turned` takes the points of a stored image of that size."""
    return {
        1: Affine(),
        2: Affine.flip_x(width),
        3: Affine(-1.0, 0.0, width, 0.0, -1.0, height),
        4: Affine.flip_y(height),
        5: Affine(0.0, 1.0, 0.0, 1.0, 0.0, 0.0),
        6: Affine(0.0, -1.0, height, 1.0, 0.0, 0.0),
        7: Affine(0.0, -1.0, height, -1.0, 0.0, width),
        8: Affine(0.0, 1.0, 0.0, -1.0, 0.0, width),
    }[orientation]
