"""Masks: the PNG of an object, or that of a label in which each object has its colour, as runs."""

from collections import Counter
from typing import Any

import numpy as np

from pixelmill import storage
from pixelmill.annotations.masks import runs_scaled
from pixelmill.codecs.labels import read_labels
from pixelmill.codecs.options import Decode
from pixelmill.errors import SampleError
from pixelmill.job.labels.labelbox import LabelboxLabels
from pixelmill.labels.fetched import fetched
from pixelmill_kernels import rle

Json = dict[str, Any]
Size = tuple[int, int]
Runs = tuple[Size, str]
REMOTE = frozenset(["http", "s3", "gs", "az"])
_MEND = "download it anew with a fresh export, then `pixelmill retry`, or name a folder in `masks`"


class Masks:
    """The masks of one image; a file in which several objects are is read once."""

    def __init__(self, labels: LabelboxLabels, key: str, size: Size, notes: Counter[str]) -> None:
        self._labels, self._key, self._size, self._notes = labels, key, size, notes
        self._read_before: dict[str, bytes] = {}
        self._levels: dict[str, Any] = {}

    def runs(self, told: Json) -> Runs | None:
        """The runs of an object's mask, at the image's size, or None, which is noted.

        SampleError where its file is not there.
        """
        said = told.get("composite_mask") or told.get("mask") or {}
        url = self._url(told, str(said.get("url") or ""))
        if not url:
            self._notes["mask_not_asked_for"] += 1
            return None
        data = self._read(url)
        try:
            if url not in self._levels:
                self._levels[url] = read_labels(data, Decode(), "the mask").levels
            levels = self._levels[url]
            counts = rle.encode(_inside(levels, said.get("color_rgb")))
        except (SampleError, TypeError, ValueError):
            self._notes["mask_broken"] += 1
            return None
        size = (levels.shape[0], levels.shape[1])
        if not rle.area(counts):
            self._notes["mask_empty"] += 1
            return None
        if self._size not in ((0, 0), size):
            self._notes["mask_rescaled"] += 1
            counts, size = runs_scaled(counts, size, self._size), self._size
        return size, rle.to_text(counts).decode("ascii")

    def _url(self, told: Json, url: str) -> str:
        """Where the mask is; "" where no folder was named and nothing is to be downloaded."""
        if self._labels.masks:
            return self._in_folder(self._labels.masks, told, url)
        if not self._labels.download:
            return ""
        if storage.protocol(url) not in REMOTE:
            said = f"{self._key}: {storage.masked(url)!r}, its mask's, is no URL of a server"
            raise SampleError(said, "mask_missing")
        return url

    def _in_folder(self, folder: str, told: Json, url: str) -> str:
        """By feature_id, which an object has to itself, or by the last part of its URL."""
        last = storage.name(url.partition("?")[0])
        own = () if told.get("composite_mask") else (str(told.get("feature_id") or ""),)
        names = [name for name in (*own, last) if name and not {*name} & {*"/\\"} and name != ".."]
        for name in names:
            for spelled in (name, f"{name}.png"):
                place = storage.join(folder, spelled)
                if place in self._read_before or storage.exists(place):
                    return place
        raise SampleError(
            f"{self._key}: no mask {' or '.join(f'{name}.png' for name in names)} in "
            f"{storage.masked(folder)}; add it, then `pixelmill retry`",
            "mask_missing",
        )

    def _read(self, url: str) -> bytes:
        if url not in self._read_before:
            self._read_before[url] = fetched(url, self._key, "mask", _MEND)
        return self._read_before[url]


def _inside(levels: Any, color: Any) -> Any:
    """uint8, (height, width): 1 where the mask has the object's colour, or anything but black."""
    if color is None:
        inside = (levels[..., :3] > 0).any(axis=2)
    else:
        inside = (levels[..., :3] == np.array(color, np.int64)).all(axis=2)
    return inside.astype(np.uint8)
