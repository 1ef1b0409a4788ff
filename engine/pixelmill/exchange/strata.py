"""Strata: the class and the weight that a sample is drawn by.

A stratum is a class; where no class has a say, all samples are of one.
"""

import json
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate
from math import isfinite
from typing import Any

import numpy as np

from pixelmill.job import Draw

Name = str | None
# The stratum of samples without a class or a weight; nothing is drawn of it.
NONE = None
FOOT = 8  # bytes that say how long a table is


@dataclass(slots=True)
class Stratum:
    """So many samples; `weight` is the sum of theirs, 1 each where they are drawn by class."""

    samples: int = 0
    weight: float = 0.0


class Sorter:
    """Tells strata apart while a run is written; `table` and `flags` grow."""

    def __init__(self, draw: Draw) -> None:
        self._draw = draw
        self.table: dict[Name, Stratum] = {}
        self._numbers: dict[Name, int] = {}
        self.flags = array("I")

    def add(self, fields: Mapping[str, bytes]) -> None:
        name, weight = stratum_of(self._draw, fields)
        number = self._numbers.setdefault(name, len(self._numbers))
        stratum = self.table.setdefault(name, Stratum())
        stratum.samples += 1
        stratum.weight += weight
        bits = int(np.float32(weight).view(np.uint32))
        self.flags.append(bits if self._draw.weight else number)


def table_bytes(table: Mapping[Name, Stratum]) -> bytes:
    """The table as a run ends with it; flags are numbers in its order."""
    rows = [[name, one.samples, one.weight] for name, one in table.items()]
    text = json.dumps(rows).encode()
    return text + len(text).to_bytes(FOOT, "little")


def stratum_of(draw: Draw, fields: Mapping[str, bytes]) -> tuple[Name, float]:
    """The class, "" where it has no say, and the weight; the class is NONE where one is missing."""
    if draw.weight:
        weight = _number(value_at(fields, draw.weight))
        return ("", weight) if weight is not None else (NONE, 0.0)
    if not draw.place:
        return "", 1.0
    value = value_at(fields, draw.place)
    text = value.strip() if isinstance(value, str) else ""
    if isinstance(value, bool | int | float):
        text = json.dumps(value)
    return (text, 1.0) if text else (NONE, 0.0)


def value_at(fields: Mapping[str, bytes], place: str) -> Any:
    """The text of a field, or what its JSON holds at `FIELD.NAME.NAME`; None where nothing is."""
    if place in fields:
        return fields[place].decode("utf-8", "replace")
    for field in reversed(list(accumulate(place.split("."), "{}.{}".format))):
        if field in fields:
            return _inside(fields[field], place[len(field) + 1 :].split("."))
    return None


def _inside(data: bytes, names: list[str]) -> Any:
    try:
        value = json.loads(data)
    except ValueError:  # of bytes that are no UTF-8, too
        return None
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _number(value: Any) -> float | None:
    """A weight as an index keeps it; None of what is none."""
    try:
        number = float(value) if not isinstance(value, bool) else -1.0
    except (TypeError, ValueError, OverflowError):
        return None
    with np.errstate(over="ignore"):
        kept = float(np.float32(number))
    return kept if isfinite(kept) and kept >= 0 else None
