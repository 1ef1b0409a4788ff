"""ImageNet: the class of an image by its folder or by the ground truth, and its boxes.

References
----------
Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge", IJCV 2015.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from pixelmill import storage
from pixelmill.errors import JobError, SampleError
from pixelmill.job.labels import ImagenetLabels
from pixelmill.labels.box_xml import box_rows
from pixelmill.labels.forms import Lookup, Table, Told, last
from pixelmill.labels.mended import Found, mended
from pixelmill.labels.record import POSITIVE, record
from pixelmill.labels.synsets import META, TRUTH, Synset, in_order, synsets_in, truth_in
from pixelmill.labels.table import Row
from pixelmill.shards.expand import SUFFIXES

_SYNSET = ("wnid", "words", "number", "place")
_VALIDATION = "ILSVRC2012_val_"
_WNID = re.compile(r"n\d{8}")


class Imagenet:
    """One label, in one of its three orders, and boxes on the stored pixels; all orders in `meta`.

    `classes` are the names by number, "n01440764 tench, Tinca tinca".
    """

    source = "imagenet"

    def __init__(self, labels: ImagenetLabels, classes: Sequence[str] = ()) -> None:
        self.labels = labels
        self._numbers = {name.partition(" ")[0]: place for place, name in enumerate(classes)}
        self._synsets = labels.synsets or ""
        if labels.devkit:
            self._synsets = _inside(labels.devkit, META)
        if labels.subset == "val":
            truth = _inside(labels.devkit or "", TRUTH)
            first = Table(truth, ("image", *_SYNSET), last, read=self._images)
        else:
            first = Table(self._synsets, ("wnid", *_SYNSET), str, read=self._classes)
        self.tables = [first]
        if labels.boxes:
            columns = ("image", "width", "height", "objects")
            self.tables.append(Table(_files(labels.boxes), columns, last, read=box_rows))

    @cached_property
    def _ordered(self) -> Sequence[Synset]:
        if self.labels.wnids is not None:
            return in_order(map(Synset, self.labels.wnids), "wnids")
        return synsets_in(self._synsets)

    def classes(self, rows: Iterable[Row]) -> list[str]:  # noqa: ARG002
        """The names by number; those of numbers that no class has say so."""
        numbers = {
            self._number(one.number, place): f"{one.wnid} {one.words}".strip()
            for place, one in enumerate(self._ordered)
        }
        return [numbers.get(i, f"unused-{i}") for i in range(max(numbers) + 1)]

    def facts(self) -> dict[str, Any]:
        """All three orders of every class, in that of `cls`."""
        found = {
            self._number(one.number, place): {
                "id": one.wnid, "name": one.words, **_orders(one.number, place)
            }
            for place, one in enumerate(self._ordered)
        }  # fmt: skip
        every = [found.get(i, {"id": "", "name": f"unused-{i}"}) for i in range(max(found) + 1)]
        return {"order": self.labels.order, "categories": every}

    def keys(self, key: str) -> Sequence[str]:
        """The image's own name, or what may be its wnid: the folders of its key, or its start."""
        if self.labels.subset == "val":
            return [last(key)]
        *folders, name = key.split("/")
        if not folders and name.startswith(_VALIDATION):
            raise SampleError(
                f"{key}: lies in no class folder; `subset: val` finds its class by its name",
                "no_class",
            )
        return [*reversed(folders), name.partition("_")[0]]

    def told(self, key: str, rows: Sequence[Row], lookup: Lookup) -> Told:
        wnid, words, number, place = rows[0]
        label = self._number(int(number), int(place))
        notes: Counter[str] = Counter()
        height, width = lookup.size
        said: dict[str, Any] = {"width": width, "height": height}
        drawn = lookup(1, last(key)) if self.labels.boxes else ()
        if drawn:
            found = self._found(label, drawn[0], (height, width), notes)
            said["objects"], mends = mended(found, (height, width))
            notes += mends
        told = record(
            key, self.source, split=self.labels.subset, labels=[label], label_state=[POSITIVE],
            meta=_meta(wnid, words, int(number), int(place)), **said,
        )  # fmt: skip
        return Told(told, label, notes=notes)

    def _number(self, number: int, place: int) -> int:
        return {"sorted": place, "slim": place + 1, "devkit": number}[self.labels.order]

    def _found(
        self, label: int, row: Row, size: tuple[int, int], notes: Counter[str]
    ) -> Iterator[Found]:
        """The objects of an XML file, from the size that it says to that of the stored image."""
        width, height, objects = row
        if not objects:
            notes["boxes_unreadable"] += 1
            return
        scale = _scale((width, height), size, notes)
        for name, *edges, truncated, occluded in json.loads(objects):
            category = self._numbers.get(name)
            if category is None and not _WNID.fullmatch(name):
                # Many dogs are called Scottish_deerhound: what is drawn is the image's class.
                notes["box_named_otherwise"] += 1
                category = label
            flags = {"truncated": _flag(truncated), "occluded": _flag(occluded)}
            yield Found(category, _box(edges, scale), flags=flags)

    def _classes(self, url: str) -> Iterator[Row]:  # noqa: ARG002
        for place, one in enumerate(self._ordered):
            yield one.wnid, one.wnid, one.words, str(one.number), str(place)

    def _images(self, url: str) -> Iterator[Row]:
        numbers = {one.number: (place, one) for place, one in enumerate(self._ordered)}
        for image, number in truth_in(url):
            if number not in numbers:
                raise JobError(
                    [f"source.labels.devkit: {image} is of class {number}, which it lacks"]
                )
            place, one = numbers[number]
            yield image, one.wnid, one.words, str(number), str(place)


def _inside(devkit: str, name: str) -> str:
    """The devkit's tar, or the file of that name in its folder."""
    return devkit if devkit.lower().endswith(SUFFIXES) else storage.join(devkit, name)


def _files(boxes: str) -> str:
    """Tars or XML files as they are said; of a folder all XML files below it."""
    plain = boxes.lower().endswith((*SUFFIXES, ".xml"))
    return boxes if plain or storage.is_glob(boxes) else storage.join(boxes, "**/*.xml")


def _orders(number: int, place: int) -> dict[str, int]:
    known = {"ilsvrc2012_id": number} if number else {}
    return {"sorted": place, "slim": place + 1, **known}


def _meta(wnid: str, words: str, number: int, place: int) -> str:
    told: Mapping[str, Any] = {"wnid": wnid, "words": words, **_orders(number, place)}
    return json.dumps(told, ensure_ascii=False)


def _scale(
    said: tuple[str, str], size: tuple[int, int], notes: Counter[str]
) -> tuple[float, float]:
    """From the (width, height) as displayed to the stored (height, width)."""
    if not all(text.isdecimal() and int(text) for text in said):
        notes["box_size_missing"] += 1
        return 1.0, 1.0
    scale = size[1] / int(said[0]), size[0] / int(said[1])
    notes["boxes_rescaled"] += scale != (1.0, 1.0)
    return scale


def _box(edges: Sequence[str], scale: tuple[float, float]) -> Sequence[float]:
    """(x, y, width, height), the last two below zero where corners are swapped."""
    try:
        x1, y1, x2, y2 = (float(edge) for edge in edges)
    except ValueError:
        return (float("nan"),) * 4
    return x1 * scale[0], y1 * scale[1], (x2 - x1) * scale[0], (y2 - y1) * scale[1]


def _flag(text: str) -> int:
    return int(text) if text in ("0", "1") else -1
