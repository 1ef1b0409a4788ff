"""Pages: the memory of the batches that are being made, and where in it each sample belongs.

A sample is given its row before anyone knows whether it is kept, so that the kernel can write into
it.  When one before it is left out, the rows behind move up: a copy, which is rare.
"""

from threading import Lock
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[Any]


class Page:
    """The rows of one batch; the first image that is known makes them, of its shape and dtype."""

    def __init__(self, rows: int) -> None:
        self._rows, self._lock = rows, Lock()
        self.images: Array | None = None

    def row(self, at: int, shape: tuple[int, ...], dtype: str) -> Array | None:
        """Row `at`; None where the rows are of another shape or dtype.  From any thread."""
        with self._lock:
            if self.images is None:
                self.images = np.empty((self._rows, *shape), dtype)
            fits = self.images.shape[1:] == shape and self.images.dtype == dtype
            return self.images[at] if fits else None

    def put(self, at: int, image: Array) -> bool:
        """The image in row `at`, if it is not there already; False where it does not fit.

        The first row decides.  Another sample may have made the rows, and then been left out.
        """
        row = self.row(at, image.shape, image.dtype.name)
        if row is None and at == 0:
            self.images = np.empty((self._rows, *image.shape), image.dtype)
            row = self.images[0]
        if row is None:
            return False
        if row.__array_interface__["data"] != image.__array_interface__["data"]:
            row[...] = image
        return True


class Pages:
    """Rows for samples in their order: `next_place` before the work on one, `keep` or `leave` after
    it, both in that order and from one thread."""

    def __init__(self, rows: int) -> None:
        self.rows, self.kept = rows, 0
        self._pages: dict[int, Page] = {}
        self._free, self._under_way = 0, 0

    def next_place(self) -> tuple[Page, int] | None:
        """The row that the next sample has if all before it are kept; None where that is held by
        one that was begun before others were left out."""
        at = self.kept + self._under_way
        self._under_way += 1
        if at < self._free:
            return None
        self._free = at + 1
        return self._page(at), at % self.rows

    def keep(self, image: Array) -> bool:
        """The image in the row that it has at last; False where it is not like the first one."""
        at = self.kept
        self._under_way -= 1
        self.kept += 1
        return self._page(at).put(at % self.rows, image)

    def leave(self) -> None:
        self._under_way -= 1

    def done(self) -> Array:
        """The images of the page that the last sample was kept in, which is given away."""
        images = self._pages.pop((self.kept - 1) // self.rows).images
        assert images is not None, "a page is done after something was kept in it"
        return images

    def _page(self, at: int) -> Page:
        number = at // self.rows
        if number not in self._pages:
            self._pages[number] = Page(self.rows)
        return self._pages[number]
