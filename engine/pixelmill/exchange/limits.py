"""Limits: of each stratum the last copy that is drawn, so that there are exactly as many as asked.

The time that it is sent at is known beforehand but for some deviations.  All copies that are sent
around it are looked at, in one pass over the runs, and those before it only counted.  Where they
are too many for memory, it takes a pass for some strata after the other.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pixelmill.exchange.copies import Copies, copies
from pixelmill.exchange.stratified import Strata

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
# Copies that are looked at in one pass; 24 bytes each, three times over while they are sorted.
MOST = 500_000
# Standard deviations at first, each way; a fraction of 6e-5 needs a second pass.
DEVIATIONS = 4.0
_CANDIDATE = np.dtype([("stratum", "<u4"), ("time", "<f8"), ("run", "<u4"), ("place", "<u8")])


@dataclass(frozen=True, slots=True)
class Numbered:
    """One run's samples; `number` is of all strata of the output, beyond the last for none."""

    strata: Strata
    number: Ints

    def copies(self, until: Floats, replacement: bool) -> Copies:
        return copies(self.strata.entries, self.strata.weight, until[self.number], replacement)


Runs = Callable[[], Iterable[Numbered]]


@dataclass(frozen=True, slots=True)
class Limits:
    """By stratum the last copy drawn: when it is sent, and by which sample of which run."""

    time: Floats
    run: Ints
    place: Ints

    def drawn(self, number: int, run: Numbered, replacement: bool) -> Copies:
        """What is drawn of this run; those sent at once count by where they stand."""
        found = run.copies(self.time, replacement)
        of = run.number[found.place]
        inside = (number < self.run[of]) | (
            (number == self.run[of]) & (found.place <= self.place[of])
        )
        inside |= found.time < self.time[of]
        return Copies(found.place[inside], found.number[inside], found.time[inside])


def limits(wanted: Ints, weight: Floats, runs: Runs, replacement: bool) -> Limits:
    """The limits of strata of which so many copies are wanted, and whose samples weigh so much."""
    count = len(wanted)
    found = Limits(np.full(count + 1, -1.0), np.full(count + 1, -1), np.full(count + 1, -1))
    width = np.full(count, DEVIATIONS)
    left = np.flatnonzero(wanted > 0)
    while len(left):
        # What is sent until t is t * weight on average, and varies no more than a Poisson count.
        spread = width * np.sqrt(wanted) + 10
        group = left[: max(1, int(np.searchsorted(np.cumsum(2 * spread[left]), MOST)))]
        low, high = np.zeros(count + 1), np.full(count + 1, -1.0)
        low[group] = ((wanted - spread) / np.maximum(weight, 1e-300))[group]
        high[group] = ((wanted + spread) / np.maximum(weight, 1e-300))[group]
        before, near = _around(runs(), low, high, replacement)
        done = _settle(found, group, wanted[group] - before[group] - 1, near)
        width[group[~done]] *= 4
        left = np.setdiff1d(left, group[done])
    return found


def _around(
    runs: Iterable[Numbered], low: Floats, high: Floats, replacement: bool
) -> tuple[Ints, npt.NDArray[np.void]]:
    """By stratum how many are sent before `low`; and those until `high`, in order."""
    before, near = np.zeros(len(low), np.int64), [np.zeros(0, _CANDIDATE)]
    for number, run in enumerate(runs):
        sent = run.copies(high, replacement)
        of = run.number[sent.place]
        late = sent.time >= low[of]
        before += np.bincount(of[~late], minlength=len(low))
        some = np.empty(int(late.sum()), _CANDIDATE)
        some["stratum"], some["time"] = of[late], sent.time[late]
        some["run"], some["place"] = number, sent.place[late]
        near.append(some)
    found = np.concatenate(near)
    near.clear()
    # By columns: np.sort of records takes thirty times as long.
    return before, found[np.lexsort([found[name] for name in reversed(_CANDIDATE.names or ())])]


def _settle(
    found: Limits, group: Ints, nth: Ints, near: npt.NDArray[np.void]
) -> npt.NDArray[np.bool_]:
    """Take the n-th of each stratum's candidates for its limit; whether it is among them."""
    first, end = (np.searchsorted(near["stratum"], group, side) for side in ("left", "right"))
    at = first + nth
    done = (nth >= 0) & (at < end)
    which = near[at[done]]
    found.time[group[done]], found.run[group[done]] = which["time"], which["run"]
    found.place[group[done]] = which["place"]
    return np.asarray(done)


def numbered(strata: Iterable[Strata], numbers: dict[str, int]) -> Iterator[Numbered]:
    """Runs with their strata numbered as those of the whole output."""
    for one in strata:
        names = [numbers.get(name or "", len(numbers)) for name in one.names]
        own = np.array([*names, len(numbers)], np.int64)
        yield Numbered(one, own[one.number])
