from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelmill.exchange.shares import drawn_in_all, fitting, shares
from pixelmill.job import Draw, Shards

COUNTS = {"cat": 300, "dog": 50, "eel": 7}


@pytest.mark.parametrize(
    ("words", "total"),
    [
        ({"balance": "cls"}, 357),
        ({"balance": "cls", "samples": "largest"}, 900),
        ({"balance": "cls", "samples": "smallest"}, 21),
        ({"balance": "cls", "samples": 10}, 10),
        ({"weights": {"cat": 2}}, 357),
        ({"weight": "json.score", "samples": 1000}, 1000),
    ],
)
def test_the_words_of_a_job_ask_for_so_many(words, total):
    assert drawn_in_all(Draw(**words), COUNTS) == total
    assert drawn_in_all(Draw(**words), {}) == 0


def test_shares_are_those_of_the_formula():
    assert shares(Draw(balance="cls"), COUNTS, 301) == {"cat": 101, "dog": 100, "eel": 100}
    weighted = Draw(weights={"cat": 0.5, "dog": 2, "eel": 0})
    assert shares(weighted, COUNTS, 500) == {"cat": 300, "dog": 200, "eel": 0}
    others = Draw(weights={"eel": 10})
    assert shares(others, COUNTS, 420) == {"cat": 300, "dog": 50, "eel": 70}
    assert shares(Draw(weights={"cat": 0}), {"cat": 5}, 5) == {"cat": 0}


names = st.dictionaries(st.text("abcdef", min_size=1), st.integers(1, 10**6), min_size=1)


@given(names, st.integers(0, 10**7), st.dictionaries(st.text("abc"), st.floats(0, 1e6)))
def test_shares_add_up_and_none_is_off_by_one(counts, total, weights):
    draw = Draw(weights=weights)
    given = shares(draw, counts, total)
    sizes = {name: Fraction(weights.get(name, 1.0)) * counts[name] for name in counts}
    if not sum(sizes.values()):
        assert sum(given.values()) == 0
        return
    assert sum(given.values()) == total
    for name, size in sizes.items():
        assert abs(given[name] - total * size / sum(sizes.values())) < 1


@given(names, st.sampled_from(["keep", "drop", "pad"]), st.integers(1, 40), st.integers(1, 500))
def test_as_many_are_drawn_as_fill_the_shards(counts, last, size, asked):
    draw = Draw(balance="cls", samples=asked)
    found = fitting(draw, counts, Shards(samples=size, equal=True, last=last), tasks=3)
    assert found.left_out == found.repeated == 0
    held = {stop - start for start, stop in map(found.bounds, range(found.count))}
    assert last == "keep" or len(held) == 1
    assert abs(found.total - asked) < size
