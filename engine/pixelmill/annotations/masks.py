"""Masks: levels that are names, so that each pixel is the nearest one's, never a mean.

Where a way keeps boxes boxes, run-length masks are moved in their runs, and no pixel is touched;
they come out the same as the pixels would.
"""

from functools import lru_cache
from typing import Any

import numpy as np

from pixelmill.annotations.way import Array, Size, Way, carried, upright
from pixelmill.geometry import Affine, Deformation, Map, Projective
from pixelmill_kernels import rle
from pixelmill_kernels.remap import displace
from pixelmill_kernels.warp import affine, perspective


def levels_along(mask: Array, way: Way, outside: int = 0) -> Array:
    """A mask (height, width, channels) at the end of a way; `outside` where the image has nothing.

    uint8 or uint16, 1, 3 or 4 channels, C-contiguous.
    """
    for by, size in way.legs:
        if isinstance(by, Affine) and upright(by):
            rows, columns = _places(by, mask.shape[:2], size)
            mask = np.ascontiguousarray(mask[rows][:, columns])
            mask[rows < 0], mask[:, columns < 0] = outside, outside
        else:
            mask = _warped(mask, by, size, outside)
    return mask


def runs_along(counts: Array, way: Way) -> Array:
    """The runs of a mask at the end of a way."""
    size = way.start
    for by, goal in way.legs:
        if by == Affine() and goal == size:
            continue
        if isinstance(by, Affine) and upright(by):
            counts = rle.pick(counts, size, *_places(by, size, goal))
        elif isinstance(by, Affine | Projective):
            counts = _turned(counts, by, size, goal)
        else:
            counts = _drawn_anew(counts, by, size, goal)
        size = goal
    return counts


def runs_scaled(counts: Array, size: Size, goal: Size) -> Array:
    """The runs of a mask of `size` at another."""
    scale = Affine.scale(goal[1] / size[1], goal[0] / size[0])
    return rle.pick(counts, size, *_places(scale, size, goal))


def _turned(counts: Array, by: Affine | Projective, size: Size, goal: Size) -> Array:
    """The part that holds the mask alone, since most objects are small beside their image."""
    x, y, width, height = rle.box(counts, size)
    corners = np.array([(x, y), (x + width, y), (x + width, y + height), (x, y + height)], float)
    there = carried(by, corners)
    # a pixel more on each side, whatever rounding does
    left, top = np.clip(np.floor(there.min(axis=0)) - 1, 0, goal[::-1]).astype(int).tolist()
    right, bottom = np.clip(np.ceil(there.max(axis=0)) + 1, 0, goal[::-1]).astype(int).tolist()
    if width == 0 or right <= left or bottom <= top:
        return np.array([goal[0] * goal[1]], np.uint32)
    own, part = (height, width), (bottom - top, right - left)
    counts = rle.pick(counts, size, _from(y, height), _from(x, width))
    within = Affine.shift(x, y).then(by).then(Affine.shift(-left, -top))
    counts = _drawn_anew(counts, within, own, part)
    rows, columns = _placed(part[0], top, goal[0]), _placed(part[1], left, goal[1])
    return rle.pick(counts, part, rows, columns)


def _from(start: int, count: int) -> Array:
    return np.arange(start, start + count, dtype=np.int32)


def _placed(count: int, start: int, within: int) -> Array:
    """So many places in their order from `start` on, and -1 around them."""
    places = np.full(within, -1, np.int32)
    places[start : start + count] = _from(0, count)
    return places


def _drawn_anew(counts: Array, by: Map, size: Size, goal: Size) -> Array:
    mask = np.ascontiguousarray(rle.decode(counts, size))[..., None]
    return rle.encode(_warped(mask, by, goal, 0)[..., 0])


@lru_cache(64)  # the masks of an image go the same way, and images of one size often do
def _places(by: Affine, size: Size, goal: Size) -> tuple[Array, Array]:
    """For each row and column after it the one before it that covers its centre; -1 for none."""
    found = []
    for scale, shift, before, after in (
        (by.e, by.f, size[0], goal[0]),
        (by.a, by.c, size[1], goal[1]),
    ):
        centres = np.floor((np.arange(after) + 0.5 - shift) / scale)
        inside = (centres >= 0) & (centres < before)
        found.append(np.where(inside, centres, -1).astype(np.int32))
    return found[0], found[1]


def _warped(mask: Array, by: Map, size: Size, outside: int) -> Array:
    more: dict[str, Any] = {"filter": "nearest", "border": "constant", "value": outside}
    if isinstance(by, Affine):
        return affine(mask, by.rows, size, **more)
    if isinstance(by, Projective):
        return perspective(mask, by.rows, size, **more)
    if isinstance(by, Deformation):
        return displace(mask, by.dx, by.dy, **more)
    raise TypeError(
        f"a mask cannot follow a map of {type(by).__name__}, which says where points go but not "
        "where pixels come from; make it of Affine, Projective and Deformation"
    )
