"""Overlap: how much boxes have in common (intersection over union)."""

import numpy as np

from pixelmill_kernels._check import Array, for_reading
from pixelmill_kernels._jit import kernel

__all__ = ["box_iou"]


def box_iou(boxes: Array, others: Array, crowd: Array | None = None) -> Array:
    """The intersection over the union of each box with each other.

    Parameters
    ----------
    boxes : float64, shape (n, 4)
        (x, y, width, height), in pixels; continuous, a width is x2 - x1.
    others : float64, shape (m, 4)
    crowd : bool or uint8, shape (m,), optional
        Over the area of the box alone where the other is a crowd, as COCO counts.

    Returns
    -------
    float64, shape (n, m)
        0..1; 0 where both are empty.
    """
    for name, value in (("boxes", boxes), ("others", others)):
        if value.dtype != np.float64:
            raise TypeError(f"{name} must be float64, got {value.dtype}")
        if value.ndim != 2 or value.shape[1] != 4:
            raise ValueError(f"{name} must have shape (n, 4), got {value.shape}")
    flags = np.zeros(len(others), np.uint8) if crowd is None else np.asarray(crowd, np.uint8)
    if flags.shape != (len(others),):
        raise ValueError(f"crowd must have shape ({len(others)},), got {flags.shape}")
    out = np.empty((len(boxes), len(others)))
    boxes, others = np.ascontiguousarray(boxes), np.ascontiguousarray(others)
    _box_iou(for_reading(boxes), for_reading(others), for_reading(flags), out)
    return out


@kernel
def _box_iou(boxes: Array, others: Array, crowd: Array, out: Array) -> None:
    for i in range(boxes.shape[0]):
        x, y, w, h = boxes[i, 0], boxes[i, 1], boxes[i, 2], boxes[i, 3]
        for j in range(others.shape[0]):
            left, top = max(x, others[j, 0]), max(y, others[j, 1])
            wide = min(x + w, others[j, 0] + others[j, 2]) - left
            high = min(y + h, others[j, 1] + others[j, 3]) - top
            both = wide * high if wide > 0 and high > 0 else 0.0
            of = w * h
            if crowd[j] == 0:
                of += others[j, 2] * others[j, 3] - both
            out[i, j] = both / of if of > 0 else 0.0
