"""Marks: what is written down of every sample that was split, so that leaks can be looked for.

split/000000.csv        key, split, group, pixels (their digest), looks (a perceptual hash)
"""

import csv
import io
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np

from pixelmill import storage
from pixelmill.sample import Image, Sample
from pixelmill.sources.stems import IMAGES
from pixelmill_kernels.digest import pixel_digest
from pixelmill_kernels.hashing import perceptual_hash

FOLDER = "split"
COLUMNS = ("key", "split", "group", "pixels", "looks")


@dataclass(frozen=True, slots=True)
class Mark:
    """The side and the group of a sample, and what its image can be known by: hexadecimal, or "".

    `wanted` is true until its image was looked at, where that is to be.
    """

    side: str
    group: str = ""
    pixels: str = ""
    looks: str = ""
    wanted: bool = False

    def of(self, image: Image) -> "Mark":
        """The mark with what the image can be known by; there is no such hash of many bands."""
        floats = image.dtype.kind == "f" and image.dtype != np.float32
        pixels = "" if floats else pixel_digest(image)
        return Mark(self.side, self.group, pixels, _looks(image))


def by_bytes(mark: Mark | None, sample: Sample) -> Mark | None:
    """The mark of a sample that is not decoded: its image is known by its encoded bytes alone."""
    if mark is None or not mark.wanted:
        return mark
    digest = blake2b(digest_size=16)
    for name in sorted(sample.fields.keys() & IMAGES):
        digest.update(sample.fields[name])
    return Mark(mark.side, mark.group, digest.hexdigest())


def _looks(image: Image) -> str:
    if image.dtype == np.uint16:
        image = (image >> 8).astype(np.uint8)
    if image.dtype != np.uint8 or image.shape[2] not in (1, 3, 4):
        return ""
    looks = perceptual_hash(np.ascontiguousarray(image))
    # One bit is the mean: flat images, of whatever subject, all look like that.
    return f"{looks:016x}" if looks.bit_count() > 1 else ""


class Marks:
    """Those of one task, in one file; nothing where the job has no split."""

    def __init__(self, folder: str, task: str) -> None:
        self._url = url_of(folder, task)
        self._text = io.StringIO(newline="")
        self._rows = csv.writer(self._text, lineterminator="\n")
        self._rows.writerow(COLUMNS)
        self._any = self._written = False

    def add(self, key: str, mark: Mark | None) -> None:
        if mark is None:
            return
        self._any = True
        self._rows.writerow((key, mark.side, mark.group, mark.pixels, mark.looks))

    def close(self) -> None:
        if self._any:
            storage.write(self._url, self._text.getvalue().encode("utf-8", "surrogateescape"))
            self._written = True

    def drop(self) -> None:
        """Leave it where it is whole."""

    def abort(self) -> None:
        """Leave nothing: the task is not committed."""
        if self._written:
            storage.remove(self._url)


def url_of(folder: str, task: str) -> str:
    return storage.join(folder, FOLDER, f"{task}.csv")
