"""Record: the JSON of a sample, with the same keys and types whatever the dataset.

Readers infer types from the first samples, so that a list is never null and a number never text;
what a dataset says besides is one JSON text, `meta`.
"""

import json
from collections.abc import Sequence
from typing import Any

from pydantic_core import to_json  # the standard library's takes three times as long

# States of a label: said to be there, said not to be, said to be uncertain, nothing said.
POSITIVE, NEGATIVE, UNCERTAIN, MISSING = 1, 0, -1, -2


def record(key: str, source: str, **said: Any) -> dict[str, Any]:
    """A record that says only this; `said` replaces what nothing is known of."""
    return {
        "id": key,
        "source": source,
        "split": "",
        "group": "",
        "width": 0,
        "height": 0,
        "orig_width": 0,
        "orig_height": 0,
        "labels": [],
        "label_state": [],
        "objects": boxes([]),
        "relations": {"subj": [], "obj": [], "label": []},
        "captions": [],
        "annotators": [],
        "synthetic": 0,
        "generator": "",
        "provenance": {"url": "", "license": "", "author": "", "sha256": ""},
        "meta": "",
        **said,
    }


def boxes(found: Sequence[tuple[int, tuple[float, float, float, float]]]) -> dict[str, list[Any]]:
    """Objects that are nothing but boxes: (category, (x, y, width, height))."""
    count = len(found)
    unknown = dict.fromkeys(("occluded", "truncated", "group_of", "depiction", "inside"), -1)
    return {
        "id": list(range(count)),
        "category": [category for category, _ in found],
        "bbox": [list(box) for _, box in found],
        "area": [box[2] * box[3] for _, box in found],
        "iscrowd": [0] * count,
        "rle_size": [[0, 0] for _ in found],
        "rle_counts": [""] * count,
        "polygons": [[] for _ in found],
        "keypoints": [[] for _ in found],
        "score": [1.0] * count,
        "annotator": [""] * count,
        **{column: [value] * count for column, value in unknown.items()},
    }


def written(told: dict[str, Any]) -> bytes:
    return to_json(told, inf_nan_mode="constants")


def meta(columns: Sequence[str], values: Sequence[str]) -> str:
    """Columns that are kept as they are."""
    return json.dumps(dict(zip(columns, values, strict=True)), ensure_ascii=False)
