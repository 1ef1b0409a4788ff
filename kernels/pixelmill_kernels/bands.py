"""Bands: some of the channels of an image, in another order."""

from collections.abc import Sequence

import numpy as np

from pixelmill_kernels._check import BANDS, Array, expect_image, expect_out, for_reading
from pixelmill_kernels._jit import kernel

__all__ = ["select"]


def select(image: Array, order: Sequence[int], out: Array | None = None) -> Array:
    """Take channels `order`, each as often as it is named: red, green, blue from a satellite's.

    Parameters
    ----------
    image : uint8, uint16 or float32, shape (height, width, channels)
        1 to 16 channels, C-contiguous.
    order : int, 1 to 16 of them
        Counted from 0.
    out : array of the image's dtype, shape (height, width, len(order)), optional

    Returns
    -------
    array of the image's dtype, shape (height, width, len(order))

    Raises
    ------
    TypeError, ValueError
        A shape, dtype or layout other than the above, or a channel that the image has not.
    """
    expect_image(image, channels=BANDS)
    height, width, channels = image.shape
    whole = all(isinstance(band, int | np.integer) for band in order)
    if not whole or len(order) not in BANDS or not all(0 <= band < channels for band in order):
        raise ValueError(
            f"order must name 1 to 16 of the image's {channels} channels, counted from 0, "
            f"got {tuple(order)}"
        )
    out = expect_out(out, (height, width, len(order)), image.dtype, image)
    _select(for_reading(image).reshape(-1, channels), np.array(order), out.reshape(-1, len(order)))
    return out


@kernel
def _select(source: Array, order: Array, target: Array) -> None:
    if order.size == 3:
        red, green, blue = np.uint64(order[0]), np.uint64(order[1]), np.uint64(order[2])
        for i in range(source.shape[0]):  # spelled out: a loop over 3 costs more than its work
            target[i, 0] = source[i, red]
            target[i, 1] = source[i, green]
            target[i, 2] = source[i, blue]
    else:
        for i in range(source.shape[0]):
            for k in range(order.size):
                target[i, k] = source[i, order[k]]
