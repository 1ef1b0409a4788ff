"""Killed anywhere: after it went on, the output is that of a run that was let alone.

What is looked at after each death and at the end is in `lives`; `test_protections.py` takes the
engine's protections out one by one, and sees each of these looks fail.
"""

import ast
import tempfile
from pathlib import Path

import pytest
from lives import Torture, quick_folder
from places import PLACES, deaths_at
from torture import torture

import pixelmill
from pixelmill.failpoint import POINTS, Failpoint

ENGINE = Path(pixelmill.__file__).parent
# Those that need a bucket, or inputs that are added: test_kills_in_a_bucket, test_only_new.
ELSEWHERE = {"object.part", "grow.inputs"}
EVERY = [(kind, place) for kind, places in PLACES.items() for place in places]


@pytest.fixture(scope="module")
def jobs(warm, inputs):
    with tempfile.TemporaryDirectory(dir=quick_folder()) as folder:
        yield {kind: Torture(warm, kind, inputs, folder) for kind in PLACES}


@pytest.mark.parametrize(("kind", "place"), EVERY)
def test_killed_at_any_step_it_goes_on_to_the_same_bytes_and_does_nothing_twice(
    jobs, kind, place, record_property
):
    before = jobs[kind].counts.kills.total()
    deaths = deaths_at(place, "kill")
    jobs[kind].life(deaths)
    assert jobs[kind].counts.kills.total() == before + len(deaths)
    record_property("killed", place)


@pytest.mark.parametrize(("kind", "place"), EVERY[::6])
def test_it_survives_the_same_death_twice_in_a_row(jobs, kind, place):
    jobs[kind].life(2 * deaths_at(place, "kill"))


@pytest.mark.parametrize(("kind", "place"), EVERY[1::4])
def test_an_error_that_no_one_foresaw_at_any_step_costs_no_bytes(jobs, kind, place):
    last = jobs[kind].life(deaths_at(place, "raise"))
    assert last.code == 0


@pytest.mark.parametrize("place", ["task.sample:6", "record.put:2", "manifest.card:1"])
def test_the_whole_process_tree_may_be_killed(jobs, place):
    jobs["plain"].life(deaths_at(place, "tree"))


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_200_kills_at_random_instants(warm, inputs, quick_path):
    counts = torture(warm, inputs, quick_path, kills=200, seed=20240)
    assert counts.kills["any instant"] >= 200
    assert counts.lives >= 40


def named_in_code():
    found = set()
    for path in ENGINE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "reach":
                found.add(ast.literal_eval(node.args[0]))
    return found


def test_every_failpoint_in_the_code_is_listed_and_some_test_kills_there():
    tried = {place.partition(":")[0] for _, place in EVERY}
    assert named_in_code() == set(POINTS) == tried | ELSEWHERE
    assert not tried & ELSEWHERE


@pytest.mark.parametrize("said", ["nowhere:1:kill", "sweep:1:hug"])
def test_a_misspelled_failpoint_is_told(said):
    with pytest.raises(ValueError, match="expected name:nth:deed"):
        Failpoint(said)
