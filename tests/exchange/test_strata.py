import json

import pytest

from pixelmill.exchange.strata import NONE, stratum_of, value_at
from pixelmill.job import Draw

FIELDS = {
    "cls": b" 3\n",
    "json": b'{"label": "cat", "score": 0.5, "deep": {"er": 7, "flag": true}, "none": null}',
    "meta.json": b'{"label": "dog"}',
    "txt": b"",
    "bad.json": b"{",
    "odd.json": b"\xff\xfe[",
    "list.json": b"[1]",
}


@pytest.mark.parametrize(
    ("place", "value"),
    [
        ("cls", " 3\n"),
        ("json.label", "cat"),
        ("json.deep.er", 7),
        ("meta.json.label", "dog"),
        ("json.nothing", None),
        ("json.label.of", None),
        ("bad.json.label", None),
        ("odd.json.label", None),
        ("list.json.label", None),
        ("nothing", None),
        ("nothing.at.all", None),
    ],
)
def test_a_place_leads_to_a_value(place, value):
    assert value_at(FIELDS, place) == value


@pytest.mark.parametrize(
    ("place", "name"),
    [
        ("cls", "3"),
        ("json.label", "cat"),
        ("json.deep.er", "7"),
        ("json.deep.flag", "true"),
        ("json.none", NONE),
        ("json.deep", NONE),
        ("txt", NONE),
        ("nothing", NONE),
    ],
)
def test_a_class_is_text_or_a_number(place, name):
    assert stratum_of(Draw(balance=place), FIELDS)[0] == name
    assert stratum_of(Draw(weights={}, by=place), FIELDS)[0] == name


@pytest.mark.parametrize(
    ("score", "weight"),
    [(0, 0.0), (2, 2.0), (0.5, 0.5), ("1.5", 1.5), (1e-60, 0.0)]
    + [(bad, None) for bad in (-1, float("nan"), float("inf"), True, None, "much", [], 1e39)],
)
def test_a_weight_is_a_number_from_0_on(score, weight):
    found = stratum_of(Draw(weight="json.score"), {"json": json.dumps({"score": score}).encode()})
    assert found == (("", weight) if weight is not None else (NONE, 0.0))


def test_where_no_class_has_a_say_all_are_alike():
    assert stratum_of(Draw(samples=5), {}) == ("", 1.0)
