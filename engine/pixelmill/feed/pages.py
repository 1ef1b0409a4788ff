"""Pages: the memory of the batches that are being made, and where in it each sample belongs.

A sample is given its row before anyone knows whether it is kept, so that the kernel can write into
it.  When one before it is left out, the rows behind move up: a copy, which is rare.
"""

from collections import deque
from threading import Lock
from typing import Any

import numpy.typing as npt

from pixelmill.feed.memory import Memory

Array = npt.NDArray[Any]


class Page:
    """The rows of one batch; the first image that is known makes them, of its shape and dtype."""

    def __init__(self, rows: int, memory: Memory) -> None:
        self._rows, self._memory, self._lock = rows, memory, Lock()
        self.images: Array | None = None

    def row(self, at: int, shape: tuple[int, ...], dtype: str) -> Array | None:
        """Row `at`; None where the rows are of another shape or dtype.  From any thread."""
        with self._lock:
            images = self.images
            if images is None:
                images = self.images = self._memory.empty((self._rows, *shape), dtype)
        fits = images.shape[1:] == shape and images.dtype == dtype
        return images[at] if fits else None

    def put(self, at: int, image: Array) -> bool:
        """Copy the image into row `at`; False where it does not fit.

        The first row decides.  Another sample may have made the rows, and then been left out.
        """
        row = self.row(at, image.shape, image.dtype.name)
        if row is None and at == 0:
            self.images = self._memory.empty((self._rows, *image.shape), image.dtype)
            row = self.images[0]
        if row is None:
            return False
        row[...] = image
        return True


class Place:
    """Where a sample's image belongs, as far as that is known before the work on it: the row `at`
    of a page, or nowhere."""

    __slots__ = ("at", "image", "page")

    def __init__(self, page: Page | None = None, at: int = 0) -> None:
        self.page, self.at = page, at
        self.image: Array | None = None

    def canvas(self, shape: tuple[int, ...], dtype: str) -> Array | None:
        """The row, where the rows are such."""
        if self.page is not None:
            self.image = self.page.row(self.at, shape, dtype)
        return self.image

    def hold(self, image: Array) -> Array:
        """The image in the row: as it is where it was written there, else a copy if there can be
        one."""
        own = self.image
        if own is not None and image.base is own.base and image.shape == own.shape:
            return own
        row = self.canvas(image.shape, image.dtype.name)
        if row is None:
            return image
        row[...] = image
        return row


class Pages:
    """Rows for samples in their order: `next_place` before the work on one, `keep` or `leave` after
    it, both in that order and from one thread."""

    def __init__(self, rows: int, memory: Memory) -> None:
        self.rows, self.kept = rows, 0
        self._memory = memory
        self._pages: dict[int, Page] = {}
        self._under_way: deque[Place] = deque()
        self._free = 0

    def next_place(self) -> Place:
        """The row that the next sample has if all before it are kept; nowhere where that is held by
        one that was begun before others were left out."""
        at = self.kept + len(self._under_way)
        place = Place()
        if at >= self._free:
            self._free = at + 1
            place = Place(self._page(at), at % self.rows)
        self._under_way.append(place)
        return place

    def keep(self, image: Array) -> bool:
        """The image in the row that it has at last; False where it is not like the first one."""
        place, page, at = self._under_way.popleft(), self._page(self.kept), self.kept % self.rows
        self.kept += 1
        there = image is place.image and place.page is page and place.at == at
        return (there and image.base is page.images) or page.put(at, image)

    def leave(self) -> None:
        self._under_way.popleft()

    def done(self) -> Array:
        """The images of the page that the last sample was kept in, which is given away."""
        images = self._pages.pop((self.kept - 1) // self.rows).images
        assert images is not None, "a page is done after something was kept in it"
        return images

    def _page(self, at: int) -> Page:
        number = at // self.rows
        if number not in self._pages:
            self._pages[number] = Page(self.rows, self._memory)
        return self._pages[number]
