"""Conclusion: the results that a run's figures and courses come to."""

from collections.abc import Mapping, Sequence
from typing import Any

from pixelmill.measure.asked import Asked
from pixelmill.measure.course import Course
from pixelmill.measure.figures import Figure
from pixelmill.measure.note import on
from pixelmill.measure.results import Results
from pixelmill.measure.scaling import laws_of
from pixelmill.measure.words import (
    CROWDED,
    said_of,
    said_of_others,
    said_of_scaling,
    said_of_storage,
)


def concluded(
    kind: str,
    asked: Asked,
    machine: Mapping[str, Any],
    figures: Sequence[Figure],
    courses: Sequence[Course],
) -> Results:
    """With findings in plain words; scaling and shares are those of the first course."""
    others = machine.get("others_share") or 0.0
    said = said_of_others(others)
    if not courses:
        return Results(kind, asked.to_json(), machine, figures, said)
    first = courses[0]
    titled = {figure.title: figure for figure in figures}
    counted = {n: titled[f"{first.name}, {on(n)}: images"] for n in sorted(first.last)}
    rates = {n: figure.value for n, figure in counted.items()}
    rounds = [{n: f.rounds[i] for n, f in counted.items()} for i in range(asked.rounds)]
    laws, most = laws_of(rates), max(rates)
    said += [said_of(one.name, most, figures, one.shares(most)) for one in courses]
    if others < CROWDED:
        said += said_of_scaling(laws, rounds)
    stores = [figure.group for figure in figures if figure.name == "write one file"]
    said += [said_of_storage(first.name, most, figures, store) for store in stores]
    shares = first.shares(1)
    return Results(kind, asked.to_json(), machine, figures, said, rates, laws, shares)
