"""Scaling: what holds workers back, from their throughput at several counts.

Amdahl: X(n) = one n / (1 + serial (n - 1)); a share of the work is done by one at a time.
USL: X(n) = one n / (1 + serial (n - 1) + crosstalk n (n - 1)); and what they owe each other grows
with their pairs, so that beyond a peak more workers do less (Gunther, Guerrilla Capacity Planning,
2007).  In n / X both are linear in what is sought.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from math import inf, sqrt
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Law:
    """`one` worker's throughput, the `serial` share, and the `crosstalk` of a pair."""

    name: Literal["Amdahl", "USL"]
    one: float
    serial: float
    crosstalk: float = 0.0

    def at(self, workers: float) -> float:
        lost = self.serial * (workers - 1) + self.crosstalk * workers * (workers - 1)
        return self.one * workers / (1 + lost)

    @property
    def peak(self) -> float:
        """The workers beyond which throughput falls."""
        return sqrt(max(1 - self.serial, 0) / self.crosstalk) if self.crosstalk else inf

    @property
    def most(self) -> float:
        """The throughput that no number of workers passes."""
        if self.crosstalk:
            return self.at(max(self.peak, 1.0))
        return self.one / self.serial if self.serial else inf

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def laws_of(rates: Mapping[int, float]) -> list[Law]:
    """The laws that so many points can tell: Amdahl's from two on, the USL from three on."""
    counts = np.array(sorted(rates), float)
    found = []
    if len(counts) >= 2:
        found.append(_fitted("Amdahl", counts, rates))
    if len(counts) >= 3:
        found.append(_fitted("USL", counts, rates))
    return found


def serial_range(rounds: Sequence[Mapping[int, float]]) -> tuple[float, float]:
    """Amdahl's serial share, the least and the largest that a single round tells."""
    found = [laws_of(rates)[0].serial for rates in rounds]
    return min(found), max(found)


def _fitted(name: Literal["Amdahl", "USL"], n: Floats, rates: Mapping[int, float]) -> Law:
    times = n / np.array([rates[int(count)] for count in n])
    columns = [np.ones_like(n), n - 1, n * (n - 1)][: 2 if name == "Amdahl" else 3]
    # A rate's noise is a share of it, and so is the noise of n / X.
    weighed = np.stack(columns, axis=1) / times[:, None]
    one, *rest = _least_squares(weighed)
    if rest[0] > one:  # no share is more than all of it: workers that hinder each other, or noise
        one = float(np.linalg.lstsq((n / times)[:, None], np.ones_like(n), rcond=None)[0][0])
        return Law(name, 1 / one, 1.0)
    return Law(name, 1 / one, *(value / one for value in rest))


def _least_squares(matrix: Floats) -> list[float]:
    """x >= 0 with matrix x nearest to ones: the best of those in which some of x are zero.

    The first is never zero: one worker takes time.
    """
    width = matrix.shape[1]
    best, answer = inf, [0.0] * width
    for count in range(width):
        for others in combinations(range(1, width), count):
            kept = [0, *others]
            x = np.linalg.lstsq(matrix[:, kept], np.ones(len(matrix)), rcond=None)[0]
            far = float(np.sum((matrix[:, kept] @ x - 1) ** 2))
            # Better by more than rounding, so that a term that explains nothing stays out.
            if x.min() >= 0 and far < best * (1 - 1e-9) - 1e-18:
                best, answer = far, [0.0] * width
                for place, value in zip(kept, x, strict=True):
                    answer[place] = float(value)
    return answer
