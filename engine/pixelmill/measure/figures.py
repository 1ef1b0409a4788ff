"""Figures: what was measured, round by round, and the sheet that probes write them on."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any, Literal

Better = Literal["more", "less"]


@dataclass(frozen=True, slots=True)
class Figure:
    """One quantity: its value in each round, and whether more or less of it is better."""

    group: str
    name: str
    unit: str
    rounds: tuple[float, ...]
    better: Better = "more"

    @property
    def title(self) -> str:
        """What it is known by, in one run and in the next."""
        return f"{self.group}: {self.name}"

    @property
    def value(self) -> float:
        return median(self.rounds)

    @property
    def spread(self) -> float:
        """Half of what lies between the lowest and the highest round, as a share of the value."""
        return (max(self.rounds) - min(self.rounds)) / 2 / abs(self.value) if self.value else 0.0

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "value": self.value}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Figure":
        rounds = tuple(map(float, data["rounds"]))
        if not rounds:
            raise ValueError(f"the figure {data['name']!r} has no rounds")
        return cls(data["group"], data["name"], data["unit"], rounds, data["better"])


class Sheet:
    """Takes one value of each figure a round."""

    def __init__(self) -> None:
        self._rounds: dict[tuple[str, str, str, Better], list[float]] = {}

    def note(self, group: str, name: str, value: float, unit: str, better: Better = "more") -> None:
        # Six digits: the clock gives no more, and the file stays readable.
        kept = float(f"{value:.6g}")
        self._rounds.setdefault((group, name, unit, better), []).append(kept)

    @property
    def figures(self) -> list[Figure]:
        found = [Figure(g, n, u, tuple(r), b) for (g, n, u, b), r in self._rounds.items()]
        order = list(dict.fromkeys(figure.group for figure in found))
        return sorted(found, key=lambda figure: order.index(figure.group))
