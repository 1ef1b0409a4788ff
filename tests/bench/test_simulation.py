import sys
from collections import Counter
from itertools import pairwise
from math import ceil, inf
from pathlib import Path

import pytest

pytest.importorskip("ray")


@pytest.fixture(scope="module")
def simulation():
    sys.path.insert(0, str(Path(__file__).parents[2]))
    from bench.scale.simulation import parameters, scenario

    yield parameters.Parameters, scenario.simulate
    sys.path.pop(0)
    for name in [name for name in sys.modules if name == "bench" or name.startswith("bench.")]:
        del sys.modules[name]


# A cluster that takes no time but for the work: what it comes to can be told without simulating it.
PLAIN = {
    "nodes": 2, "cores": 4, "images": 48_000, "a_shard": 1000, "image_seconds": 0.01, "noise": 0.0,
    "call_seconds": 0.0, "node_listing": 0.0, "trip": 0.0, "join_seconds": 0.0, "latency": 0.0,
    "joins_a_second": inf, "card": inf,
}  # fmt: skip


def test_without_latency_and_limits_it_takes_what_the_formula_says(simulation):
    parameters, simulate = simulation
    facts = parameters(**PLAIN)
    found = simulate(facts, fixed=0.0)
    rounds = facts.tasks // (facts.nodes * facts.cores)
    assert found.seconds == pytest.approx(rounds * facts.work_seconds, abs=1e-6)


@pytest.mark.parametrize(
    ("limit", "amount"),
    [
        ({"bandwidth": 10e6}, 48_000 * (106_913 + 30_000)),
        ({"requests": 2.0}, 48 * 9 + 48_000 * (106_913 + 30_000) / (8 * 2**20)),
    ],
)
def test_a_bucket_that_is_the_bottleneck_sets_the_time(simulation, limit, amount):
    parameters, simulate = simulation
    found = simulate(parameters(**PLAIN, **limit), fixed=0.0)
    (rate,) = limit.values()
    # The last shard may have been read while the requests of opening others were in line.
    assert found.seconds == pytest.approx(amount / rate, rel=0.02)


def test_what_the_driver_takes_passes_in_the_simulated_world_too(simulation):
    parameters, simulate = simulation
    slow = simulate(parameters(**{**PLAIN, "call_seconds": 0.5}), fixed=0.0)
    assert slow.ray_ms_a_task >= 500
    assert slow.seconds >= 0.5 * slow.tasks


STORMY = {
    "nodes": 12, "cores": 4, "images": 6_000_000, "a_shard": 10_000, "lifetime": 150.0,
    "boot": 20.0, "slow_share": 0.2, "slow_times": 5.0,
}  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_every_task_is_done_once_whatever_is_preempted_late_or_run_twice(simulation, seed):
    parameters, simulate = simulation
    found = simulate(parameters(**STORMY, seed=seed), fixed=1e-4)
    assert found.preempted > 5
    assert found.second_runs > 0
    assert found.ended == found.tasks == 600
    assert found.commits >= found.tasks


def test_the_same_seed_gives_the_same_world_and_another_one_another(simulation):
    parameters, simulate = simulation
    first, again, other = (
        simulate(parameters(**STORMY, seed=seed), fixed=1e-4) for seed in (7, 7, 8)
    )
    assert first == again
    assert first.seconds != other.seconds


def test_a_task_that_is_lost_or_taken_twice_is_told(simulation, monkeypatch):
    parameters, simulate = simulation
    from pixelmill.executors.dispatch import Dispatch

    monkeypatch.setattr(Dispatch, "_without", lambda self, run: [])
    with pytest.raises(AssertionError, match=r"twice|lost"):
        simulate(parameters(**STORMY, seed=1), fixed=1e-4)


def test_late_tasks_are_worth_a_second_run_where_a_node_is_slow(simulation):
    parameters, simulate = simulation
    slow = {**STORMY, "lifetime": inf, "slow_times": 30.0}
    without, with_it = (
        simulate(parameters(**slow, second_runs=on), fixed=1e-4).seconds for on in (False, True)
    )
    assert with_it < 0.8 * without


def test_more_nodes_take_less_time(simulation):
    parameters, simulate = simulation
    found = [simulate(parameters(nodes=n, images=10**7), fixed=1e-5).seconds for n in (2, 4, 8)]
    assert all(more < less for less, more in pairwise(found))


def test_of_many_workers_each_has_its_turn_to_be_asked_how_its_tasks_are(simulation, monkeypatch):
    parameters, simulate = simulation
    actor = sys.modules["bench.scale.simulation.actor"].Actor
    asked, pulse = Counter(), actor._pulse

    def counted(self, promise):
        asked[self.name] += 1
        pulse(self, promise)

    monkeypatch.setattr(actor, "_pulse", counted)
    facts = parameters(nodes=40, images=20_000_000, a_shard=10_000, call_seconds=0.0)
    found = simulate(facts, fixed=0.0)
    assert len(asked) == 640
    assert asked.total() <= 1.1 * 200 * found.seconds  # so many answers the driver can take
    # Those that are ready are asked in turn, again and again.
    assert max(asked.values()) - min(asked.values()) <= 2
    assert min(asked.values()) >= found.seconds / ceil(640 / 200) - 3


def test_seats_that_are_not_free_are_not_looked_through_for_each_answer(simulation, monkeypatch):
    """What a task costs the driver must not grow with the workers."""
    parameters, simulate = simulation
    from pixelmill.executors.seat import Seat

    looks, takes_more = [], Seat.takes_more
    monkeypatch.setattr(
        Seat, "takes_more", property(lambda self: looks.append(1) or takes_more.fget(self))
    )
    found = simulate(parameters(nodes=30, images=20_000_000, a_shard=10_000), fixed=1e-5)
    workers = 30 * 16
    # Each task a few times, and all workers once a look for second runs.
    assert len(looks) < 12 * found.tasks + 2 * workers * found.seconds


def test_each_parameter_says_where_it_is_from(simulation):
    parameters, _ = simulation
    told = sys.modules["bench.scale.simulation.parameters"].told(parameters())
    assert {kind for _, _, kind, _ in told} == {"measured", "documented", "assumed"}
    assert all(source for *_, source in told)
