"""Tally: what became of the samples of a task; read == written + dropped + quarantined, always."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Tally:
    """Counts of samples.

    `written` reached at least one output (`outputs` says how many reached each); `dropped` and
    `quarantined` count by reason.  `notes` counts what was done quietly to samples that are fine
    ("orientation_applied", "cmyk_converted" ...).
    """

    read: int = 0
    written: int = 0
    dropped: Counter[str] = field(default_factory=Counter)
    quarantined: Counter[str] = field(default_factory=Counter)
    outputs: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    @property
    def balances(self) -> bool:
        return self.read == self.written + self.dropped.total() + self.quarantined.total()

    def __add__(self, other: "Tally") -> "Tally":
        return Tally(
            self.read + other.read,
            self.written + other.written,
            self.dropped + other.dropped,
            self.quarantined + other.quarantined,
            self.outputs + other.outputs,
            self.notes + other.notes,
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "read": self.read,
            "written": self.written,
            "dropped": dict(sorted(self.dropped.items())),
            "quarantined": dict(sorted(self.quarantined.items())),
            "outputs": dict(sorted(self.outputs.items())),
            "notes": dict(sorted(self.notes.items())),
        }

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Tally":
        counters = (Counter(data[name]) for name in ("dropped", "quarantined", "outputs", "notes"))
        return cls(data["read"], data["written"], *counters)
