"""Leaks: whatever is on two sides of a split: a group, the same pixels, near-duplicates.

The marks of all tasks are read a file at a time.  Of each sample 17 bytes are kept while one kind
of leak is looked for, of one part of them at a time where there are very many.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from pixelmill import storage
from pixelmill.errors import InputMissing
from pixelmill.job.split import Split
from pixelmill.splits.marks import url_of
from pixelmill.splits.near import near_pairs
from pixelmill.splits.units import Hashes, number_of

_EXAMPLES = 10
# Marks held at once, 17 bytes each and twice that to sort them: half a gigabyte.
_AT_ONCE = 1 << 24
# So many different looks are compared; their bands would take longer than the job.
_MOST_LOOKS = 1 << 24

Row = dict[str, str]
Rows = Callable[[], Iterator[Row]]
# The number that samples share, or two that nearly agree.
Case = tuple[int, ...]
# (kind of leak, column of the marks); the first two are equal, the third one nearly.
KINDS = (("groups", "group"), ("pixels", "pixels"), ("looks", "looks"))


@dataclass(slots=True)
class Leaks:
    """Of each kind: how many samples of each side have a partner on another one, with examples.

    `not_looked_for` says why, of a kind that was left out.
    """

    samples: dict[str, int] = field(default_factory=dict)
    without_group: int = 0
    found: dict[str, dict[str, int]] = field(default_factory=dict)
    examples: dict[str, list[list[str]]] = field(default_factory=dict)
    not_looked_for: dict[str, str] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        return {
            "samples": self.samples,
            **({"without_group": self.without_group} if self.without_group else {}),
            "leaks": self.found,
            "examples": self.examples,
            "not_looked_for": self.not_looked_for,
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Leaks":
        names = ("samples", "examples", "not_looked_for")
        return cls(found=data["leaks"], **{name: data[name] for name in names})

    def told(self) -> list[str]:
        """A sentence for each kind that was found."""
        return [
            f"{sum(counts.values()):,} samples share their {kind} with another side of the split "
            f"({', '.join(f'{side} {count:,}' for side, count in counts.items())}), such as "
            f"{' and '.join(self.examples[kind][0])}"
            for kind, counts in self.found.items()
        ]


def find_leaks(folder: str, split: Split, tasks: Sequence[str]) -> Leaks:
    """What the marks of these tasks tell."""
    return leaks_among(lambda: _rows(folder, tasks), split)


def leaks_among(rows: Rows, split: Split) -> Leaks:
    """What marks tell, as often as they are asked for."""
    leaks, having = Leaks(), Counter[str]()
    samples = Counter[str]()
    for row in rows():
        samples[row["split"]] += 1
        having.update(column for _, column in KINDS if row.get(column))
    leaks.samples = {side: samples[side] for side in split.sides}
    if split.group:
        leaks.without_group = samples.total() - having["group"]
    for kind, column in KINDS:
        if not having[column]:
            leaks.not_looked_for[kind] = f"no sample has {column}"
            continue
        parts = -(-having[column] // _AT_ONCE)
        exact = [_shared(rows, split, column, (part, parts)) for part in range(parts)]
        cases: list[Case] = [(one,) for shared in exact for one in shared]
        if column == "looks" and split.distance:
            near = _near(rows, split)
            if near is None:
                leaks.not_looked_for["near-duplicates"] = f"over {_MOST_LOOKS:,} different looks"
            cases += near or ()
        if cases:
            _tell(leaks, rows, (kind, column), cases)
    return leaks


def _number(column: str, value: str) -> int:
    """64 bits of a mark."""
    return number_of(value) if column == "group" else int(value[:16], 16)


def _columns(
    rows: Rows, split: Split, column: str, part: tuple[int, int] = (0, 1)
) -> tuple[Hashes, npt.NDArray[np.uint8]]:
    """The numbers in a column and the sides, of one part of them."""
    places = {side: place for place, side in enumerate(split.sides)}
    numbers, sides = bytearray(), bytearray()
    for row in rows():
        if value := row.get(column):
            number = _number(column, value)
            if number % part[1] == part[0]:
                numbers += number.to_bytes(8, "little")
                sides.append(places[row["split"]])
    return np.frombuffer(numbers, "<u8"), np.frombuffer(sides, np.uint8)


def _shared(rows: Rows, split: Split, column: str, part: tuple[int, int]) -> list[int]:
    """The numbers that are on more than one side."""
    numbers, sides = _columns(rows, split, column, part)
    order = np.lexsort((sides, numbers))
    numbers, sides = numbers[order], sides[order]
    split_here = (numbers[1:] == numbers[:-1]) & (sides[1:] != sides[:-1])
    return [int(one) for one in np.unique(numbers[1:][split_here])]


def _near(rows: Rows, split: Split) -> list[Case] | None:
    """Pairs of hashes that nearly agree, on two sides; None where there are too many to compare."""
    numbers, sides = _columns(rows, split, "looks")
    both = np.unique(np.stack([numbers, sides.astype(np.uint64)], axis=1), axis=0)
    if len(both) > _MOST_LOOKS:
        return None
    found: dict[int, Case] = {}
    for pairs in near_pairs(np.ascontiguousarray(both[:, 0]), both[:, 1], split.distance):
        for one, other in both[:, 0][pairs].tolist():
            if one != other:
                found.setdefault(one, (one, other))
                found.setdefault(other, (other, one))
    return [found[number] for number in sorted(found)]


def _tell(leaks: Leaks, rows: Rows, what: tuple[str, str], cases: Sequence[Case]) -> None:
    """Count the samples that have the first number of a case, and show some with their partners."""
    kind, column = what
    known, shown = {case[0] for case in cases}, cases[:_EXAMPLES]
    named: dict[int, dict[str, str]] = {number: {} for case in shown for number in case}
    counts: Counter[str] = Counter()
    for row in rows():
        if value := row.get(column):
            number = _number(column, value)
            counts[row["split"]] += number in known
            if number in named:
                named[number].setdefault(row["split"], f"{row['split']}: {row['key']}")
    leaks.found[kind] = dict(sorted((+counts).items()))
    together = ([one for number in case for one in named[number].values()] for case in shown)
    leaks.examples[kind] = [list(dict.fromkeys(ones)) for ones in together]


def _rows(folder: str, tasks: Sequence[str]) -> Iterator[Row]:
    for task in tasks:
        try:
            text = storage.read(url_of(folder, task)).decode("utf-8", "surrogateescape")
        except InputMissing:  # a task of which no sample reached a side
            continue
        yield from csv.DictReader(io.StringIO(text, newline=""))
