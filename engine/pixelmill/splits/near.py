"""Near: pairs of 64-bit hashes that differ in few bits, found without comparing each with each.

Two hashes that differ in at most r bits agree in one of r + 1 bands of bits at least (the
pigeonhole principle), so that only hashes with a band in common are compared.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from pixelmill.splits.units import Hashes
from pixelmill_kernels.hashing import hamming

Places = npt.NDArray[np.int64]

# Pairs compared at once: 8 MB a temporary array of 64-bit numbers.
_AT_ONCE = 1 << 20


def near_pairs(hashes: Hashes, sides: npt.NDArray[Any], distance: int) -> Iterator[Places]:
    """Pairs of places, (n, 2), on different sides; a pair may come once for each common band.

    `hashes` should be distinct: a thousand equal ones alone are half a million pairs.
    """
    for shift, width in bands(distance):
        band = (hashes >> np.uint64(shift)) & np.uint64((1 << width) - 1)
        order = np.argsort(band, kind="stable")
        for one, other in _within(band[order]):
            one, other = order[one], order[other]
            near = hamming(hashes[one], hashes[other]) <= distance
            near &= sides[one] != sides[other]
            if near.any():
                yield np.stack([one[near], other[near]], axis=1)


def bands(distance: int) -> Iterator[tuple[int, int]]:
    """The first bit and the width of each of distance + 1 bands of 64 bits."""
    ends = [64 * number // (distance + 1) for number in range(distance + 2)]
    return ((start, stop - start) for start, stop in pairwise(ends))


def _within(band: Hashes) -> Iterator[tuple[Places, Places]]:
    """Every pair of places whose sorted bands are equal, some of them at a time."""
    ends = np.searchsorted(band, band, side="right")
    partners = ends - np.arange(len(band)) - 1  # those behind each place, in the same band
    start = 0
    upto = np.cumsum(partners)
    while start < len(band):
        done = int(upto[start - 1]) if start else 0
        stop = max(start + 1, int(np.searchsorted(upto, done + _AT_ONCE, side="right")))
        counts = partners[start:stop]
        one = np.repeat(np.arange(start, stop), counts)
        firsts = np.repeat(np.cumsum(counts) - counts, counts)
        yield one, one + 1 + np.arange(len(one)) - firsts
        start = stop
