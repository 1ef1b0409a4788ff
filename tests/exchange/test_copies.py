"""When copies are drawn: the laws that they follow, at fixed seeds, so that nothing flickers."""

import math

import numpy as np
import pytest
from scipy import stats

from pixelmill.exchange.copies import copies, minus_log, place_copies
from pixelmill.exchange.order import entries_of, order_hash

GOLDEN = {
    "place": [0, 1],
    "number": [1, 1],
    "time": ["0x1.1d53dc121471cp+0", "0x1.0b7ead25dae60p-7"],
    "high": ["17d2602e7da04096", "9c952bbda57e9d81"],
}
CHANCE = 1e-4  # that a right law fails one of these tests; the seeds are fixed


def entries(count, seed=0):
    hashes = b"".join(order_hash(seed, f"{n:06d}") for n in range(count))
    return entries_of(hashes, np.ones(count, np.uint64))


def sent(count, until, replacement, weight=1.0, seed=0):
    weights = np.full(count, weight) if np.isscalar(weight) else weight
    return copies(entries(count, seed), weights, np.full(count, float(until)), replacement)


def by_sample(found, count):
    return np.bincount(found.place, minlength=count)


def test_the_logarithm_is_that_of_the_library():
    """Within 1 part in 2**51: four roundings of a sum of which none is cancelled."""
    draw = np.random.default_rng(5)
    values = np.concatenate([draw.uniform(0, 1, 20_000), 2.0 ** -np.arange(1, 54), [1 - 2**-53]])
    values = values[(values > 0) & (values < 1)]
    expected = np.array([-math.log(value) for value in values])
    np.testing.assert_allclose(minus_log(values), expected, rtol=2**-51)


@pytest.mark.parametrize("seed", range(4))
def test_with_replacement_the_copies_of_a_sample_are_poisson(seed):
    """Chi-squared of how many samples have 0, 1, 2 ... copies against the law."""
    count, mean = 20_000, 1.7
    often = by_sample(sent(count, mean, True, seed=seed), count)
    seen = np.bincount(np.minimum(often, 7), minlength=8)
    law = stats.poisson(mean)
    expected = count * np.append(law.pmf(np.arange(7)), law.sf(6))
    assert stats.chisquare(seen, expected).pvalue > CHANCE


@pytest.mark.parametrize("seed", range(4))
def test_with_replacement_the_times_are_uniform(seed):
    times = sent(5000, 4, True, seed=seed).time
    assert stats.kstest(times / 4, "uniform").pvalue > CHANCE


def test_without_replacement_no_sample_comes_again_before_all_came():
    count = 4000
    found = sent(count, 2.3, False)
    often = by_sample(found, count)
    assert set(often.tolist()) == {2, 3}
    assert stats.binomtest(int((often == 3).sum()), count, 0.3).pvalue > CHANCE
    first = found.time[found.number == 1]
    assert first.max() < found.time[found.number == 2].min()
    assert stats.kstest(first, "uniform").pvalue > CHANCE


@pytest.mark.parametrize("replacement", [False, True])
def test_copies_are_sent_in_proportion_to_the_weights(replacement):
    count = 30_000
    weight = np.tile([0.0, 0.5, 1.0, 3.0], count // 4)
    often = by_sample(sent(count, 1.25, replacement, weight), count)
    for kind, expected in ((0, 0.0), (1, 0.625), (2, 1.25), (3, 3.75)):
        some = often[kind::4]
        assert abs(some.mean() - expected) <= 4 * math.sqrt(expected / len(some))
        if not replacement:
            assert some.max() - some.min() <= 1


def test_the_copies_of_a_sample_stand_anywhere_and_have_nothing_in_common():
    count = 5000
    found = entries(count)
    where = []
    for number in (1, 2, 3):
        moved = found.copy()
        place_copies(moved, np.full(count, number))
        where.append(moved["high"] / 2**64)
        assert stats.kstest(where[-1], "uniform").pvalue > CHANCE
    assert (where[0] == found["high"] / 2**64).all()
    where += [sent(count, 1, False).time, sent(count, 2, False).time[count:] - 1]
    together = np.corrcoef(where)[np.triu_indices(5, 1)]
    assert np.abs(together).max() < 4.5 / math.sqrt(count)


def test_copies_are_the_same_for_ever():
    """A change here draws other samples in the same job: say so in CHANGELOG.md."""
    found = sent(3, 2.0, True)
    assert found.place.tolist() == GOLDEN["place"]
    assert found.number.tolist() == GOLDEN["number"]
    assert [time.hex() for time in found.time.tolist()] == GOLDEN["time"]
    moved = entries(2)
    place_copies(moved, np.array([2, 3]))
    assert [f"{word:016x}" for word in moved["high"].tolist()] == GOLDEN["high"]
