"""Comparing: what changed from one run's figures to another's, beyond their noise."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from statistics import median
from typing import Any, Literal

from pixelmill.measure.figures import Figure
from pixelmill.measure.ranks import Factor, factor_between
from pixelmill.measure.results import Results
from pixelmill.measure.words import CROWDED

Verdict = Literal["better", "worse", "no change", "too few rounds"]
# What of the machine decides whether figures can be compared at all.
SAME = ("processor", "cores", "simd")


@dataclass(frozen=True, slots=True)
class Bounds:
    """A change counts where it is sure at `confidence`, and larger than `threshold`.

    Of a hundred figures without a change, one at 0.99 seems to have one; few of those are large.
    """

    threshold: float = 0.05
    confidence: float = 0.99


@dataclass(frozen=True, slots=True)
class Change:
    """One figure before and after, medians over all rounds; `verdict` says what it means."""

    title: str
    unit: str
    before: float
    after: float
    factor: Factor
    verdict: Verdict

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Every figure that all runs have; `notes` warn of what the figures do not tell."""

    changes: Sequence[Change]
    notes: Sequence[str]

    @property
    def worse(self) -> list[Change]:
        return [change for change in self.changes if change.verdict == "worse"]

    def to_json(self) -> dict[str, Any]:
        return {
            "changes": [change.to_json() for change in self.changes],
            "worse": len(self.worse),
            "notes": list(self.notes),
        }


def compare(
    pairs: Sequence[tuple[Results, Results]], bounds: Bounds | None = None, only: str = "*"
) -> Comparison:
    """Each pair is a run before and one after; figures whose titles `only` (a glob) matches.

    Rounds are compared within their pair: take the runs by turns, before, after, before, after, and
    a machine that drifts decides nothing.
    """
    sheets = [({f.title: f for f in a.figures}, {f.title: f for f in b.figures}) for a, b in pairs]
    shared = set.intersection(*(set(sheet) for both in sheets for sheet in both))
    titles = [f.title for f in pairs[0][0].figures if f.title in shared]
    changes = [
        _change([(a[title], b[title]) for a, b in sheets], bounds or Bounds())
        for title in titles
        if fnmatchcase(title, only)
    ]
    return Comparison(changes, _notes(pairs, shared))


def _change(pairs: Sequence[tuple[Figure, Figure]], bounds: Bounds) -> Change:
    first = pairs[0][0]
    before, after = (median([v for p in pairs for v in p[side].rounds]) for side in (0, 1))
    rounds = [(_above_zero(a.rounds), _above_zero(b.rounds)) for a, b in pairs]
    factor = factor_between(rounds, bounds.confidence)
    return Change(first.title, first.unit, before, after, factor, _verdict(factor, first, bounds))


def _above_zero(rounds: Sequence[float]) -> list[float]:
    # Ratios need it; nothing that is measured comes near.
    return [max(value, 1e-12) for value in rounds]


def _verdict(factor: Factor, figure: Figure, bounds: Bounds) -> Verdict:
    if not factor.sure:
        return "too few rounds"
    # As a share of the larger of the two, so that twice as much and half as much are as far.
    change = 1 - min(factor.ratio, 1 / factor.ratio)
    if not factor.differs or change < bounds.threshold:
        return "no change"
    return "better" if (factor.ratio > 1) == (figure.better == "more") else "worse"


def _notes(pairs: Sequence[tuple[Results, Results]], shared: set[str]) -> list[str]:
    runs = [run for pair in pairs for run in pair]
    notes = [
        f"the machines differ in {fact}: {', '.join(dict.fromkeys(values))}"
        for fact in SAME
        if len(set(values := [str(run.machine.get(fact)) for run in runs])) > 1
    ]
    lacking = {f.title for run in runs for f in run.figures} - shared
    if lacking:
        notes.append(f"not in all of them, and left out: {', '.join(sorted(lacking))}")
    crowded = max(run.machine.get("others_share") or 0.0 for run in runs)
    if crowded >= CROWDED:
        notes.append(
            f"other programs had up to {crowded:.0%} of the cores: take more runs by turns"
        )
    if len({str(sorted(run.settings.items())) for run in runs}) > 1:
        notes.append("they were not measured with the same settings")
    return notes
