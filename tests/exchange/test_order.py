"""The order is a uniform permutation: statistics over fixed seeds, so that they never flicker."""

from itertools import pairwise

import numpy as np
import pytest
from scipy import stats

from pixelmill.exchange.order import (
    BINS,
    bin_ends,
    by_hash,
    entries_of,
    order_hash,
    repeats,
)

SEEDS = range(8)
CHANCE = 1e-4  # that a truly uniform order fails for one seed; the seeds are fixed


def places(seed, keys):
    """The place of each key in the order of a seed."""
    hashes = b"".join(order_hash(seed, key) for key in keys)
    order = by_hash(entries_of(hashes, np.ones(len(keys), np.uint64)))
    found = np.empty(len(keys), int)
    found[order] = np.arange(len(keys))
    return found


def numbered(count):
    return [f"train/{number:08d}" for number in range(count)]


@pytest.mark.parametrize("seed", SEEDS)
def test_samples_from_anywhere_go_anywhere(seed):
    """Chi-squared of tenths of the input against tenths of the output, both ends of it."""
    n = 20_000
    before, after = np.arange(n) * 10 // n, places(seed, numbered(n)) * 10 // n
    table = np.zeros((10, 10))
    np.add.at(table, (before, after), 1)
    chi = ((table - n / 100) ** 2 / (n / 100)).sum()
    assert stats.chi2.ppf(CHANCE, 81) < chi < stats.chi2.ppf(1 - CHANCE, 81)


@pytest.mark.parametrize("seed", SEEDS)
def test_neighbours_do_not_stay_neighbours(seed):
    n = 20_000
    found = places(seed, numbered(n))
    steps = np.abs(np.diff(found)) / n
    # The distance of two random places is triangular: mean 1/3, variance 1/18.
    assert abs(steps.mean() - 1 / 3) < 4 * np.sqrt(1 / 18 / n)
    near = np.count_nonzero(np.abs(np.diff(found)) == 1)
    assert stats.poisson.cdf(near, 2) < 1 - CHANCE


def test_two_seeds_make_orders_that_have_nothing_in_common():
    n = 20_000
    orders = [places(seed, numbered(n)) for seed in SEEDS]
    found = np.corrcoef(orders)[np.triu_indices(len(SEEDS), 1)]
    assert np.abs(found).max() < 4.5 / np.sqrt(n)
    same = [np.count_nonzero(a == b) for a, b in pairwise(orders)]
    assert max(same) <= stats.poisson.ppf(1 - CHANCE, 1)


@pytest.mark.parametrize("seed", SEEDS)
def test_every_class_is_spread_over_the_shards(seed):
    """The counts of a class by shards are hypergeometric, though the input is sorted by class."""
    n, shards = 20_000, 40
    size = n // shards
    shard_of = places(seed, numbered(n)) // size
    start = 0
    for members in (50, 400, 3000, 7000):
        counts = np.bincount(shard_of[start : start + members], minlength=shards)
        law = stats.hypergeom(n, members, size)
        assert law.ppf(CHANCE / shards) <= counts.min()
        assert counts.max() <= law.ppf(1 - CHANCE / shards)
        spread = ((counts - law.mean()) ** 2).sum() / law.var() * (shards - 1) / shards
        assert stats.chi2.ppf(CHANCE, shards - 1) < spread < stats.chi2.ppf(1 - CHANCE, shards - 1)
        start += members


def test_a_hash_has_a_say_in_all_its_bits():
    hashes = np.frombuffer(b"".join(order_hash(3, key) for key in numbered(4000)), np.uint8)
    ones = np.unpackbits(hashes.reshape(-1, 16), axis=1).mean(axis=0)
    assert np.abs(ones - 0.5).max() < 5 * 0.5 / np.sqrt(4000)


def test_an_order_is_the_same_for_ever():
    """A change here makes other shards of the same job: say so in CHANGELOG.md."""
    assert order_hash(0, "a").hex() == "6233112f9a7318aa60d7b49e72d15a27"
    assert order_hash(7, "folder/é\udc80").hex() == "009059f5c44d4b63c3fbeb52c4672f30"


def test_equal_hashes_stay_as_they_came_and_are_told():
    keys = ["b", "a", "b", "c", "b", "a"]
    entries = entries_of(b"".join(order_hash(0, k) for k in keys), np.arange(1, 7).astype("u8"))
    assert repeats(entries).tolist() == [False, False, True, False, True, True]
    order = by_hash(entries).tolist()
    assert [place for place in order if keys[place] == "b"] == [0, 2, 4]


def test_bins_count_what_comes_before_their_ends():
    entries = entries_of(b"".join(order_hash(1, k) for k in numbered(5000)), np.ones(5000, "u8"))
    entries = entries[by_hash(entries)]
    ends = bin_ends(entries)
    assert len(ends) == BINS
    assert ends[-1] == 5000
    for number in (0, 17, BINS - 1):
        limit = (number + 1) << 54
        assert ends[number] == sum(high < limit for high in entries["high"].tolist())
