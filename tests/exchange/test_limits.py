"""Exactly as many as asked, whatever is looked at in one pass: the oracle sorts all copies."""

import numpy as np
import pytest

from pixelmill.exchange import limits as room
from pixelmill.exchange.copies import copies
from pixelmill.exchange.limits import Numbered, limits
from pixelmill.exchange.order import entries_of, order_hash
from pixelmill.exchange.stratified import Strata

NAMES = ("a", "b", "c", "d")


def numbered(run, rng, count, same_keys=False):
    keys = ["same" if same_keys else f"{run}/{n}" for n in range(count)]
    hashes = b"".join(order_hash(0, key) for key in keys)
    entries = entries_of(hashes, np.ones(count, np.uint64))
    number = rng.choice(4, count, p=[0.7, 0.2, 0.09, 0.01])
    weight = rng.choice([0.0, 0.25, 1.0, 2.0], count)
    return Numbered(Strata(entries, NAMES, number, weight), number)


def chosen(runs, found, replacement):
    return {
        (number, int(place), int(copy))
        for number, run in enumerate(runs)
        for place, copy in zip(*found.drawn(number, run, replacement)[:2], strict=True)
    }


def everything(runs, replacement):
    """All copies that are sent for a long time, in order: stratum, time, run, place, copy."""
    sent = []
    for number, run in enumerate(runs):
        until = np.full(len(run.number), 40.0)
        found = copies(run.strata.entries, run.strata.weight, until, replacement)
        for place, copy, time in zip(*(c.tolist() for c in found), strict=True):
            sent.append((int(run.number[place]), time, number, place, copy))
    return sorted(sent)


def earliest(wanted, sent):
    kept = set()
    for stratum, count in enumerate(wanted):
        mine = [one for one in sent if one[0] == stratum][:count]
        assert len(mine) == count
        kept |= {(number, place, copy) for _, _, number, place, copy in mine}
    return kept


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("deviations", [4.0, 0.0])  # with none, first guesses fail
@pytest.mark.parametrize("most", [2_000_000, 1])  # one stratum after the other
def test_the_earliest_copies_are_drawn(rng, monkeypatch, replacement, deviations, most):
    monkeypatch.setattr(room, "DEVIATIONS", deviations or 1e-3)
    monkeypatch.setattr(room, "MOST", most)
    runs = [numbered(run, rng, count) for run, count in enumerate((150, 0, 300, 1, 60))]
    weight = np.zeros(4)
    for run in runs:
        weight += np.bincount(run.number, run.strata.weight, minlength=4)
    sent = everything(runs, replacement)
    for wanted in ([100, 100, 100, 10], [5, 0, 400, 1], [1, 1, 1, 1]):
        found = limits(np.array(wanted), weight, lambda: runs, replacement)
        assert chosen(runs, found, replacement) == earliest(wanted, sent)


def test_samples_of_one_key_are_told_apart_by_where_they_stand(rng):
    """All are sent at the same time; the first of them are drawn."""
    runs = [numbered(run, rng, 10, same_keys=True) for run in range(3)]
    for run in runs:
        run.number[:], run.strata.weight[:] = 0, 1.0
    found = limits(np.array([34, 0, 0, 0]), np.array([30.0, 0, 0, 0]), lambda: runs, False)
    drawn = chosen(runs, found, False)
    assert {one for one in drawn if one[2] == 2} == {(0, place, 2) for place in range(4)}
    assert len(drawn) == 34
