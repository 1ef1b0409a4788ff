"""Ranks: by what factor values differ from others, and how sure that is, whatever their noise.

The estimate is Hodges and Lehmann's, the median of all ratios of an after to a before; the interval
is the one that inverts the exact rank-sum test, of which nothing is assumed but that the rounds of
a pair differ by a factor.  Where there are several pairs, only values within a pair are compared,
so that what changed from pair to pair does no harm (Lehmann, Nonparametrics, 1975, 2.5 and 3.3).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from itertools import product
from math import comb, prod
from statistics import median

Values = Sequence[float]


@dataclass(frozen=True, slots=True)
class Factor:
    """`ratio` of after to before, within `low` to `high`; `sure` where there are rounds enough."""

    ratio: float
    low: float
    high: float
    sure: bool

    @property
    def differs(self) -> bool:
        return self.sure and not self.low <= 1.0 <= self.high


def factor_between(pairs: Sequence[tuple[Values, Values]], confidence: float = 0.99) -> Factor:
    """How many times as large the second values of each pair are, all above zero."""
    ratios = sorted(b / a for before, after in pairs for a, b in product(before, after))
    outside = _outside([(len(a), len(b)) for a, b in pairs], confidence)
    at = max(outside - 1, 0)
    return Factor(median(ratios), ratios[at], ratios[len(ratios) - 1 - at], outside > 0)


def _outside(sizes: Sequence[tuple[int, int]], confidence: float) -> int:
    """How many ratios at each end lie outside the interval, the end itself counted; 0 for none."""
    counts = [1]
    for before, after in sizes:
        counts = _times(counts, _arrangements(before, after))
    allowed = (1 - confidence) / 2 * prod(comb(n + m, n) for n, m in sizes)
    below = 0
    for outside, count in enumerate(counts):
        below += count
        if below > allowed:
            return outside
    return len(counts)


@cache
def _arrangements(n: int, m: int) -> list[int]:
    """For u = 0 .. n m, of the orders of n and m values, those in which u pairs are ascending."""
    if n == 0 or m == 0:
        return [1]
    # The largest value is one of the m, above all n of the others, or one of the n.
    one, other = _arrangements(n, m - 1), _arrangements(n - 1, m)
    found = [0] * (n * m + 1)
    for u, count in enumerate(one):
        found[u + n] += count
    for u, count in enumerate(other):
        found[u] += count
    return found


def _times(a: list[int], b: list[int]) -> list[int]:
    """The counts of a sum of two."""
    found = [0] * (len(a) + len(b) - 1)
    for (i, x), (j, y) in product(enumerate(a), enumerate(b)):
        found[i + j] += x * y
    return found
