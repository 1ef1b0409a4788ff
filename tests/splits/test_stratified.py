from collections import Counter

import pytest

from pixelmill.splits.stratified import Unit, stratified

SHARES = {"train": 0.7, "val": 0.2, "test": 0.1}


def test_every_class_and_the_whole_are_cut_as_the_shares_say():
    labels = [["a"], ["b"], ["a", "b"], ["c"], []]
    units = {f"u{n}": Unit(n * 7919 % 1000, 1, Counter(labels[n % 5])) for n in range(500)}
    sides = stratified(units, SHARES, {})
    counts = Counter((one, sides[name]) for name, unit in units.items() for one in unit.classes)
    for one, total in (("a", 200), ("b", 200), ("c", 100)):
        for side, share in SHARES.items():
            assert abs(counts[one, side] - total * share) <= 1
    assert Counter(sides.values()) == pytest.approx({"train": 350, "val": 100, "test": 50}, abs=2)


def test_large_units_go_first_and_stay_whole():
    sizes = [40, 10, 10, 10, 10, 10, 10]
    units = {f"u{n}": Unit(n, size, Counter(a=size)) for n, size in enumerate(sizes)}
    sides = stratified(units, {"train": 0.6, "test": 0.4}, {})
    filled = Counter()
    for name, side in sides.items():
        filled[side] += units[name].samples
    assert filled == {"train": 60, "test": 40}


def test_kept_units_stay_and_the_others_make_up_for_them():
    units = {f"u{n:02d}": Unit(n, 1, Counter("a")) for n in range(20)}
    kept = {f"u{n:02d}": "test" for n in range(8)}
    sides = stratified(units, {"train": 0.5, "test": 0.5}, kept)
    assert kept.items() <= sides.items()
    assert Counter(sides.values()) == {"train": 10, "test": 10}


def test_the_order_of_the_input_has_no_say():
    units = {f"u{n}": Unit(n * 31 % 97, 1 + n % 3, Counter("abc"[n % 3])) for n in range(90)}
    turned = dict(reversed(units.items()))
    assert stratified(units, SHARES, {}) == stratified(turned, SHARES, {})
