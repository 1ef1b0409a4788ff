"""Stratified: units sent to sides so that each side gets its share of every class.

The rarest class first, its largest units first, each to the side that lacks most of that class; a
hash breaks ties, so that nothing depends on the order of the input.

References
----------
Sechidis, Tsoumakas and Vlahavas, "On the stratification of multi-label data", ECML PKDD 2011;
with whole groups instead of single samples.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Unit:
    """What goes to one side whole: so many samples, of each class so many; `number` is its hash."""

    number: int
    samples: int = 0
    classes: Counter[str] = field(default_factory=Counter)


def stratified(
    units: Mapping[str, Unit], shares: Mapping[str, float], kept: Mapping[str, str]
) -> dict[str, str]:
    """The side of every unit; that of `kept` ones is theirs, and counts."""
    lacks = _Lacks(units, shares)
    sides = {name: side for name, side in kept.items() if name in units}
    for name, side in sides.items():
        lacks.take(units[name], side)
    for of_class in _by_rarest(units):
        for name in of_class[1]:
            if name not in sides:
                sides[name] = side = lacks.most(of_class[0])
                lacks.take(units[name], side)
    return sides


def _by_rarest(units: Mapping[str, Unit]) -> list[tuple[str | None, list[str]]]:
    """Each class with its units, the rarest first; at the end, for those without, None with all."""
    having: dict[str, list[str]] = {}
    for name, unit in units.items():
        for one in unit.classes:
            having.setdefault(one, []).append(name)
    found: list[tuple[str | None, list[str]]] = [
        (one, sorted(names, key=lambda name: (-units[name].classes[one], units[name].number)))
        for one, names in sorted(having.items(), key=lambda pair: (len(pair[1]), pair[0]))
    ]
    rest = sorted(units, key=lambda name: (-units[name].samples, units[name].number))
    return [*found, (None, rest)]


class _Lacks:
    """How many samples each side still lacks, of each class and, under None, in all."""

    def __init__(self, units: Mapping[str, Unit], shares: Mapping[str, float]) -> None:
        totals: Counter[str | None] = Counter()
        for unit in units.values():
            totals[None] += unit.samples
            totals.update(unit.classes)
        self._of = {
            side: {one: share * count for one, count in totals.items()}
            for side, share in shares.items()
        }

    def most(self, of_class: str | None) -> str:
        """The side that lacks most of the class, then most in all, then the first."""
        return max(self._of, key=lambda side: (self._of[side][of_class], self._of[side][None]))

    def take(self, unit: Unit, side: str) -> None:
        if side not in self._of:  # a side that was there before, and is no more
            return
        mine = self._of[side]
        mine[None] -= unit.samples
        for one, count in unit.classes.items():
            mine[one] -= count
