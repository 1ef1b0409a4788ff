"""What one sample adds to the statistics of its output."""

from collections import Counter
from functools import lru_cache
from typing import Any, Literal

import numpy as np
from pydantic_core import from_json  # the standard library's takes three times as long

from pixelmill.annotations.schema import has_objects, is_record
from pixelmill.sample import Image, Sample
from pixelmill.statistics.bins import share_bin, whole_bin
from pixelmill_kernels.statistics import channel_sums

Counts = Counter[str]
# Labels above are taken for names, of which there is no end; ImageNet-21k has 21,841.
_CLASSES = 1 << 16
_DIGITS = 5
_EXACT, _BANDS = (np.uint8, np.uint16), 16
_STATES = {1: "classes", 0: "absent", -1: "uncertain"}  # -2 is nothing said
_WRONG = (TypeError, ValueError, AttributeError, ArithmeticError)


class Looking:
    """Counts samples as an output writes them, as the job's word `statistics` asks for it."""

    def __init__(self, asked: Literal["counts", "levels", "none"]) -> None:
        self.asked = asked

    def at(self, image: Image | None) -> dict[str, int]:
        """The exact sums of 8 and 16 bits; of other pixels that they were left out."""
        if self.asked != "levels" or image is None:
            return {}
        if image.dtype not in _EXACT or image.ndim != 3 or not 1 <= image.shape[2] <= _BANDS:
            return {f"levels/{image.dtype}/left_out": 1}
        pixels, sums, squares = channel_sums(np.ascontiguousarray(image))
        names = _names(image.dtype, image.shape[2])
        numbers = (1, pixels, *sums.tolist(), *squares.tolist())
        return dict(zip(names, numbers, strict=True))

    def beside(self, sample: Sample) -> dict[str, int]:
        """What there is to count of a sample with the fields to write, beside its pixels."""
        if self.asked == "none":
            return {}
        height, width = sample.trail[-1].size if sample.trail else sample.size
        counts = {"samples": 1, f"sizes/{whole_bin(width)}x{whole_bin(height)}": 1}
        _labels(sample.fields, counts)
        return counts


@lru_cache(64)  # spelled once: each name takes as long as a thousand pixels
def _names(dtype: np.dtype[Any], channels: int) -> list[str]:
    """What the sums of such images are called, in their order."""
    by_channel = [f"{word}/{n}" for word in ("sums", "squares") for n in range(channels)]
    return [f"levels/{dtype}x{channels}/{name}" for name in ("images", "pixels", *by_channel)]


def _labels(fields: dict[str, bytes], counts: dict[str, int]) -> None:
    data = fields.get("json", b"")
    if b'"objects"' in data:
        try:
            record = from_json(data)
            if has_objects(record):
                _record(record, counts)
        except _WRONG:  # it was kept as it is, and nothing of it is ours to mend
            counts["records/unreadable"] = 1
    label = fields.get("cls", b"").strip()
    if label.isdigit() and "labelled" not in counts:
        counts["labelled"] = 1
        counts[_class("classes", int(label) if len(label) <= _DIGITS else _CLASSES)] = 1


def _record(record: dict[str, Any], counts: dict[str, int]) -> None:
    found = Counts({"records/ours": int(is_record(record))})
    labels, states = record.get("labels") or (), record.get("label_state") or ()
    for n, label in enumerate(labels):
        state = _STATES.get(states[n] if n < len(states) else 1)
        if state:
            found[_class(state, label)] += 1
            found["labelled"] = 1
    _objects(record["objects"], int(record["width"]) * int(record["height"]), found)
    counts.update(found)


def _objects(objects: dict[str, Any], area: int, counts: Counts) -> None:
    boxes = objects["bbox"]
    counts[f"objects/an_image/{whole_bin(len(boxes))}"] = 1
    for category in objects.get("category") or ():
        counts[_class("objects/classes", category)] += 1
    for _, _, width, height in boxes:
        counts["objects/area/" + share_bin(width * height / area if area else 0.0)] += 1
        counts["objects/aspect/" + share_bin(width / height if height else 0.0)] += 1


def _class(place: str, number: int) -> str:
    return f"{place}/{number if 0 <= number < _CLASSES else 'other'}"
