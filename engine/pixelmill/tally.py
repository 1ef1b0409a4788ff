"""Tally: what became of the samples of a task; read == written + dropped + quarantined, always."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

# A fraction of the first few samples says nothing about the rest.
BUDGET_FROM = 1000


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

    def beyond(self, allowed: float, whole: bool) -> tuple[str, str] | None:
        """How many failed, and how many may, in words, where that is more than `allowed`: a count,
        or a fraction below 1, which counts for the `whole` and for not too few of it."""
        failed = self.quarantined.total()
        if allowed < 1 and not whole and self.read < BUDGET_FROM:
            return None
        limit = allowed if isinstance(allowed, int) or allowed >= 1 else allowed * self.read
        if failed <= limit:
            return None
        reasons = ", ".join(f"{why} {count}" for why, count in self.quarantined.most_common(3))
        share = f"{allowed:.2%} of {self.read}" if allowed < 1 else f"{allowed:g}"
        return f"{failed} samples ({reasons})", share

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
