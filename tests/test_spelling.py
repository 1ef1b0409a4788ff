"""Piece by piece it is the same JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelmill.plan import canonical
from pixelmill.spelling import Rows, by_line, tight

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text()
values = st.recursive(
    plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(values)
def test_what_is_hashed_is_the_canonical_text(value):
    assert "".join(tight(value)).encode() == canonical(value)


@given(values)
def test_what_is_written_reads_as_what_it_was(value):
    assert json.loads("".join(by_line(value))) == value


@pytest.mark.parametrize("spelled", [tight, by_line])
def test_no_piece_is_longer_than_an_element(spelled):
    value = {"outputs": {"train": {"shards": [{"name": f"{i:06d}.tar"} for i in range(1000)]}}}
    assert max(map(len, spelled(value))) < 40


def test_each_shard_has_a_line():
    value = {"shards": [{"name": "a"}, {"name": "b"}], "samples": 2}
    text = "".join(by_line(value))
    assert text.splitlines()[2:4] == ['{"name": "a"},', '{"name": "b"}']


@given(st.lists(values))
def test_rows_are_spelled_as_the_list_that_they_stand_for(rows):
    for spelled in (tight, by_line):
        assert "".join(spelled({"a": Rows(lambda: iter(rows))})) == "".join(spelled({"a": rows}))
