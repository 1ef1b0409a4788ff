import pytest

from pixelmill.clock import ADVICE, STEPS, WAITS, Clock, shares, verdict


def test_shares_add_up_to_the_workers_time():
    found = shares({"decode": 6.0, "encode": 2.0}, 10.0)
    assert found["decode"] == 0.6
    assert found["waiting"] == pytest.approx(0.2)
    assert sum(found.values()) == pytest.approx(1.0)


def test_steps_that_overlap_are_shares_of_their_own_sum():
    found = shares({"decode": 30.0, "encode": 10.0, "commit": 99.0}, 10.0)
    assert found["decode"] == 0.75
    assert found["waiting"] == 0.0


def test_the_verdict_names_the_largest_share_and_what_helps():
    seconds = {"decode": 6.0, "encode": 2.0}
    assert verdict(shares(seconds, 8.0), seconds).startswith("decode: 75% of the workers' time")


@pytest.mark.parametrize("wait", WAITS)
def test_idle_cores_are_told_what_they_waited_for(wait):
    seconds = {"decode": 1.0, wait: 9.0}
    assert ADVICE[wait] in verdict(shares(seconds, 10.0), seconds)
    seconds = {"decode": 1.0}
    assert ADVICE["waiting"] in verdict(shares(seconds, 10.0), seconds)


def test_every_step_has_its_advice():
    assert {*STEPS, *WAITS, "waiting"} == ADVICE.keys()


def test_seconds_move_from_one_step_to_another():
    clock = Clock()
    clock.lap("transforms")
    before = clock.seconds["transforms"]
    clock.move(before / 2, "transforms", "compile")
    assert sum(clock.seconds.values()) == pytest.approx(before)
