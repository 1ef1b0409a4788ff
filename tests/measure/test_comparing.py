from dataclasses import replace

import numpy as np
import pytest

from pixelmill.measure.comparing import Bounds, compare
from pixelmill.measure.figures import Figure
from pixelmill.measure.results import Results

MACHINE = {"processor": "a", "cores": 2, "simd": "wide", "others_share": 0.0}


def run(rng, factor=1.0, count=1, rounds=7, noise=0.02, **more):
    """Results with so many figures, whose rounds have 2 % noise; the first is `factor` as high."""
    figures = [
        Figure("job", f"images {n}", "images/s", noisy(rng, factor if n == 0 else 1, rounds, noise))
        for n in range(count)
    ]
    return Results("machine", {}, MACHINE | more, figures)


def noisy(rng, factor, rounds, noise):
    return tuple(500 * factor * np.exp(rng.normal(0, noise, rounds)))


def verdicts(*pairs, **bounds):
    return [change.verdict for change in compare(pairs, Bounds(**bounds)).changes]


@pytest.mark.parametrize(("factor", "verdict"), [(0.9, "worse"), (1.1, "better")])
def test_a_planted_change_of_ten_percent_is_found(rng, factor, verdict):
    found = [verdicts((run(rng), run(rng, factor)))[0] for _ in range(50)]
    assert found.count(verdict) == 50


def test_less_of_what_should_be_less_is_better(rng):
    before, after = run(rng), run(rng, 0.8)
    less = [
        replace(side, figures=[replace(side.figures[0], better="less")]) for side in (before, after)
    ]
    assert verdicts(tuple(less)) == ["better"]


def test_noise_is_no_change(rng):
    """Of 1,000 figures without a change 1 % seem to have one; none of them is one of 5 %."""
    found = verdicts((run(rng, count=1000), run(rng, count=1000)))
    assert set(found) == {"no change"}


def test_noise_alone_is_sure_no_more_often_than_it_says(rng):
    found = verdicts((run(rng, count=2000), run(rng, count=2000)), threshold=0.0)
    # 1 % of 2,000, and four standard deviations (4.4) more
    assert 2000 - found.count("no change") <= 20 + 4 * 4.5


def test_a_change_below_the_threshold_does_not_count(rng):
    pair = run(rng, rounds=30), run(rng, 0.95, rounds=30)
    assert verdicts(pair, threshold=0.1) == ["no change"]
    assert verdicts(pair, threshold=0.02) == ["worse"]


def test_runs_by_turns_are_compared_within_their_pairs(rng):
    """A machine that halves its speed from pair to pair hides no change, and looks like none."""
    slower = [(run(rng, f), run(rng, 0.9 * f)) for f in (1.0, 0.5, 0.25)]
    alike = [(run(rng, f), run(rng, f)) for f in (1.0, 0.5, 0.25)]
    assert verdicts(*slower) == ["worse"]
    assert verdicts(*alike) == ["no change"]


def test_too_few_rounds_are_said_to_be_too_few(rng):
    assert verdicts((run(rng, rounds=3), run(rng, 0.5, rounds=3))) == ["too few rounds"]


def test_only_the_figures_that_are_named_count(rng):
    pair = run(rng, count=3), run(rng, 0.5, count=3)
    assert compare([pair]).worse
    found = compare([pair], only="*images [12]")
    assert [change.title for change in found.changes] == ["job: images 1", "job: images 2"]
    assert not found.worse


def test_what_makes_figures_incomparable_is_noted(rng):
    others = run(rng, cores=64, others_share=0.4)
    notes = " ".join(compare([(run(rng, count=2), others)]).notes)
    assert "the machines differ in cores: 2, 64" in notes
    assert "left out: job: images 1" in notes
    assert "other programs had up to 40%" in notes
    other_job = replace(run(rng), settings={"job": "other"})
    assert compare([(run(rng), other_job)]).notes == [
        "they were not measured with the same settings"
    ]
