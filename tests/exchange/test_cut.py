import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelmill.exchange.cut import cut, cut_by_bytes
from pixelmill.job import Shards


def sizes(cut):
    return [stop - start for start, stop in map(cut.bounds, range(cut.count))]


@pytest.mark.parametrize(
    ("words", "total", "expected"),
    [
        ({"samples": 5, "equal": True}, 22, [5, 5, 5, 5, 2]),
        ({"samples": 5, "equal": True}, 20, [5, 5, 5, 5]),
        ({"samples": 5, "equal": True, "last": "drop"}, 22, [5, 5, 5, 5]),
        ({"samples": 5, "equal": True, "last": "pad"}, 22, [5, 5, 5, 5, 5]),
        ({"samples": 5, "equal": True, "last": "drop"}, 3, [3]),
        ({"samples": 5, "divisible_by": 4}, 22, [2, 3, 3, 3, 2, 3, 3, 3]),
        ({"samples": 5, "divisible_by": 4, "last": "drop"}, 22, [2] * 8),
        ({"samples": 5, "divisible_by": 4, "last": "pad"}, 22, [3] * 8),
        ({"count": 4}, 22, [5, 6, 5, 6]),
        ({"count": 4, "last": "drop"}, 22, [5, 5, 5, 5]),
        ({"count": 4, "last": "pad"}, 22, [6, 6, 6, 6]),
        ({"count": 4, "last": "pad"}, 3, [1, 1, 1, 1]),
        ({}, 22, [7, 7, 8]),
        ({"samples": 5, "equal": True}, 0, [0]),
        ({"count": 3, "last": "pad"}, 0, [0, 0, 0]),
    ],
)
def test_the_words_of_a_job_make_these_shards(words, total, expected):
    assert sizes(cut(Shards(**words), total, tasks=3)) == expected


words = st.one_of(
    st.fixed_dictionaries({"samples": st.integers(1, 40), "equal": st.just(True)}),
    st.fixed_dictionaries({"samples": st.integers(1, 40), "divisible_by": st.integers(1, 16)}),
    st.fixed_dictionaries({"count": st.integers(1, 40)}),
)


@given(words, st.sampled_from(["keep", "drop", "pad"]), st.integers(0, 500))
def test_every_sample_is_in_a_shard_or_counted(words, last, total):
    found = cut(Shards(**words, last=last), total, tasks=3)
    held = sizes(found)
    assert sum(held) == total - found.left_out + found.repeated
    assert [found.bounds(n)[1] for n in range(found.count - 1)] == [
        found.bounds(n)[0] for n in range(1, found.count)
    ]
    assert found.count % words.get("divisible_by", 1) == 0
    assert max(held) <= max(words.get("samples", total + 1), 1)
    if last != "keep":
        assert len(set(held)) == 1
        assert not (found.left_out and found.repeated)
    elif "equal" not in words:
        assert max(held) - min(held) <= 1


@given(st.lists(st.lists(st.integers(1, 30), max_size=12), max_size=6), st.integers(10, 60))
def test_shards_by_bytes_are_as_full_as_they_can_be(runs, limit):
    found = cut_by_bytes([np.array(run, np.int64) for run in runs], limit)
    flat = [length for run in runs for length in run]
    assert found.total == len(flat)
    assert sum(sizes(found)) == len(flat)
    for number in range(found.count):
        start, stop = found.bounds(number)
        assert sum(flat[start:stop]) <= limit or stop - start == 1
        if stop < len(flat):
            assert sum(flat[start : stop + 1]) > limit
            assert stop > start
