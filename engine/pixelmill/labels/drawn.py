"""Drawn: the boxes in a column of a table, as JSON, in the two spellings that people use."""

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from pixelmill.errors import SampleError

_NAMES = ("label", "name", "class", "category", "categories")
_BOXES = ("bbox", "box")


class Drawn(NamedTuple):
    """The name of a box's class, and (x, y, width, height) as it was written."""

    name: str
    box: Sequence[Any]


def drawn(text: str, key: str, column: str) -> list[Drawn]:
    """[{"label": "cat", "bbox": [x, y, w, h]} ...], or {"label": [...], "bbox": [[...] ...]}.

    Nothing stands for no boxes.  SampleError where it is anything else.
    """
    if not text.strip():
        return []
    try:
        told = json.loads(text)
        rows = told if isinstance(told, list) else _rows(told)
        return [Drawn(str(_one_of(row, _NAMES)), _one_of(row, _BOXES)) for row in rows]
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        said = (
            f"{key}: {column!r} holds no boxes ({error}); expected "
            '[{"label": "cat", "bbox": [x, y, width, height]} ...] or nothing'
        )
        raise SampleError(said, "boxes_unreadable") from error


def _rows(told: dict[str, list[Any]]) -> list[dict[str, Any]]:
    names, boxes = _one_of(told, _NAMES), _one_of(told, _BOXES)
    return [{"label": name, "bbox": box} for name, box in zip(names, boxes, strict=True)]


def _one_of(row: dict[str, Any], names: Sequence[str]) -> Any:
    for name in names:
        if name in row:
            return row[name]
    raise KeyError(f"none of {', '.join(names)} among {', '.join(row)}")
