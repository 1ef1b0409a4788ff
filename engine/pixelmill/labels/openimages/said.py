"""Said: what is told of an image as a whole: its labels, where it comes from, and the rest."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from pixelmill.labels.record import NEGATIVE, POSITIVE, UNCERTAIN
from pixelmill.labels.table import Row

LABELS = ("ImageID", "Source", "LabelName", "Confidence")
IMAGES = (
    *("ImageID", "Subset", "OriginalURL", "OriginalLandingURL", "License", "AuthorProfileURL"),
    *("Author", "Title", "OriginalSize", "OriginalMD5", "Rotation"),
)
POINTS = (
    *("ImageId", "X", "Y", "Label", "EstimatedYesNo", "Source", "YesVotes", "NoVotes"),
    *("UnsureVotes", "TextLabel"),
)
# What people said counts before what a machine did, and there before not there.
_MACHINE = "machine"
_FIRST = {POSITIVE: 0, NEGATIVE: 1, UNCERTAIN: 2}


def labels_of(
    rows: Sequence[Row], numbers: Mapping[str, int]
) -> tuple[list[int], list[int], Counter[str]]:
    """Classes, their states, and how many rows name a class that is not described."""
    states: dict[int, int] = {}
    notes: Counter[str] = Counter()
    for source, mid, confidence in rows:
        number = numbers.get(mid)
        if number is None:
            notes["unknown_label"] += 1
            continue
        state, before = _state(source, confidence), states.get(number, UNCERTAIN)
        states[number] = min(state, before, key=_FIRST.__getitem__)
        notes["labels_disagree"] += {state, before} == {POSITIVE, NEGATIVE}
    found = sorted(states)
    return found, [states[number] for number in found], +notes


def said_of(image: Mapping[str, str]) -> dict[str, Any]:
    """Where an image comes from."""
    return {
        "split": image.get("Subset", ""),
        "provenance": {
            "url": image.get("OriginalURL", ""),
            "license": image.get("License", ""),
            "author": image.get("Author", ""),
            "sha256": "",
        },
    }


def meta_of(found: Mapping[str, Sequence[Row]], image: Mapping[str, str]) -> str:
    """What has no column: how sure each label is, points as published, the rest of the image's."""
    kept = ("OriginalLandingURL", "AuthorProfileURL", "Title", "OriginalSize", "OriginalMD5")
    told: dict[str, Any] = {name: image[name] for name in (*kept, "Rotation") if image.get(name)}
    for name, columns in (("labels", LABELS), ("points", POINTS)):
        if rows := found.get(name):
            told[name] = [dict(zip(columns[1:], row, strict=True)) for row in rows]
    return json.dumps(told, ensure_ascii=False, separators=(",", ":")) if told else ""


def _state(source: str, confidence: str) -> int:
    """1 and 0 of people are certain; all else, and a machine's word, is not."""
    if source == _MACHINE:
        return UNCERTAIN
    certain = {"1": POSITIVE, "1.0": POSITIVE, "0": NEGATIVE, "0.0": NEGATIVE}
    return certain.get(confidence.strip(), UNCERTAIN)
