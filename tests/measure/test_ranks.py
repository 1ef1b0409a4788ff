from itertools import combinations, product
from math import comb

import numpy as np
import pytest

from pixelmill.measure.ranks import _arrangements, factor_between


def rounds(rng, count, median=100.0, noise=0.03):
    return list(median * np.exp(rng.normal(0, noise, count)))


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 3), (4, 4), (5, 3)])
def test_counts_are_those_of_all_orders(n, m):
    expected = [0] * (n * m + 1)
    for places in combinations(range(n + m), n):
        others = set(range(n + m)) - set(places)
        expected[sum(a < b for a, b in product(places, others))] += 1
    assert _arrangements(n, m) == expected
    assert sum(_arrangements(n, m)) == comb(n + m, n)


def test_the_factor_is_the_planted_one(rng):
    before = rounds(rng, 15)
    after = [1.25 * value for value in before]
    found = factor_between([(before, after)])
    assert found.low < 1.25 < found.high
    assert found.ratio == pytest.approx(1.25, rel=0.03)  # 3 % noise


def test_five_rounds_that_do_not_overlap_are_sure_at_99_percent():
    found = factor_between([([1.0, 1.1, 1.2, 1.3, 1.4], [2.0, 2.1, 2.2, 2.3, 2.4])])
    assert found.sure
    assert found.low == pytest.approx(2.0 / 1.4)
    assert found.high == pytest.approx(2.4 / 1.0)


def test_three_rounds_are_never_sure():
    assert not factor_between([([1.0, 1.0, 1.0], [9.0, 9.0, 9.0])]).differs


def test_three_rounds_in_three_pairs_are_sure():
    pairs = [([1.0, 1.1, 1.2], [2.0, 2.1, 2.2])] * 3
    assert factor_between(pairs).differs


@pytest.mark.parametrize("pairs", [1, 3])
def test_the_interval_holds_the_factor_as_often_as_it_says(rng, pairs):
    """90 % of 600 times, within four standard deviations of that count (binomial: 7.3)."""
    held = 0
    for _ in range(600):
        drift = np.exp(rng.normal(0, 0.5, pairs))  # a pair's machine, the same before and after
        runs = [(rounds(rng, 6, d), rounds(rng, 6, 1.1 * d)) for d in drift]
        found = factor_between(runs, confidence=0.9)
        held += found.low <= 1.1 <= found.high
    assert held >= 540 - 4 * 7.3  # ranks are coarse: it may hold it more often
    assert held <= 590
