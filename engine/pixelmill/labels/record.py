"""Record: the JSON of a sample, made of what a dataset says; `annotations.schema` has its columns.

What a dataset says besides is one JSON text, `meta`.
"""

import json
from collections.abc import Sequence
from typing import Any

from pydantic_core import to_json  # the standard library's takes three times as long

from pixelmill.annotations.schema import object_columns, unknown_record

# States of a label: said to be there, said not to be, said to be uncertain, nothing said.
POSITIVE, NEGATIVE, UNCERTAIN, MISSING = 1, 0, -1, -2


def record(key: str, source: str, **said: Any) -> dict[str, Any]:
    """A record that says only this; `said` replaces what nothing is known of."""
    return unknown_record() | {"id": key, "source": source} | said


def boxes(found: Sequence[tuple[int, tuple[float, float, float, float]]]) -> dict[str, list[Any]]:
    """Objects that are nothing but boxes: (category, (x, y, width, height))."""
    return object_columns(
        len(found),
        id=list(range(len(found))),
        category=[category for category, _ in found],
        bbox=[list(box) for _, box in found],
        area=[box[2] * box[3] for _, box in found],
    )


def written(told: dict[str, Any]) -> bytes:
    return to_json(told, inf_nan_mode="constants")


def meta(columns: Sequence[str], values: Sequence[str]) -> str:
    """Columns that are kept as they are."""
    return json.dumps(dict(zip(columns, values, strict=True)), ensure_ascii=False)
