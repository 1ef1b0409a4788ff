"""Bandwidth: how fast memory is copied, by one core and by all of them."""

from concurrent.futures import ThreadPoolExecutor
from time import perf_counter

import numpy as np
import numpy.typing as npt

from pixelmill.measure.figures import Sheet
from pixelmill.measure.machine import caches
from pixelmill.measure.note import on
from pixelmill.measure.pinning import pinned

Bytes = npt.NDArray[np.uint8]

# STREAM's rule: four times the last cache, or the cache is what is measured (McCalpin, 1995).
_TIMES = 4
_LEAST, _MOST = 32 << 20, 256 << 20  # bytes of one array


def note_memory(sheet: Sheet, cores: int) -> None:
    """Gigabytes a second between two arrays that no cache holds."""
    last = caches().get("L3", 0)
    size = min(max(_TIMES * last // 2, _LEAST), _MOST)
    # Ones, since the system maps the pages of zeros only when they are first written to.
    source, target = np.ones(size, np.uint8), np.ones(size, np.uint8)
    for count in dict.fromkeys((1, cores)):
        sheet.note("memory", f"copy, {on(count)}", _rate(source, target, count) / 1e9, "GB/s")


def _rate(source: Bytes, target: Bytes, cores: int) -> float:
    """Bytes a second, read and written ones together, as STREAM counts them."""
    pieces = list(zip(np.array_split(target, cores), np.array_split(source, cores), strict=True))
    with pinned(cores), ThreadPoolExecutor(cores) as pool:
        list(pool.map(int, [0] * cores))  # the threads, started
        start = perf_counter()
        list(pool.map(lambda piece: np.copyto(*piece), pieces))
        return 2 * source.size / (perf_counter() - start)
