"""Scenario: one job on one simulated cluster, from its plan to its last task."""

import gc
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

import pixelmill.run as module
from bench.scale.simulation.cluster import SimulatedCluster
from bench.scale.simulation.parameters import Parameters, from_results
from bench.scale.simulation.world import World
from pixelmill import Job
from pixelmill.executors.ray import RayExecutor
from pixelmill.executors.ray_worker import RayWorker
from pixelmill.lease import held
from pixelmill.ledger import Record
from pixelmill.plan import Plan, plan_of
from pixelmill.run import Report, Watch, Work
from pixelmill.shelf import Shelf
from pixelmill.sources import Part


@dataclass(frozen=True)
class Outcome:
    """What came of it: virtual seconds, and what the driver took of them.

    `driver_share` is how much of the time the driver was at work: in our code for so many
    milliseconds a task, and in Ray's calls.  `commits` are those of all workers, `ended` those
    that the driver took for the first of their task, `second_runs` the late tasks run twice.
    """

    seconds: float
    tasks: int
    ended: int
    commits: int
    preempted: int
    second_runs: int
    joined_seconds: float
    driver_share: float
    our_ms_a_task: float
    ray_ms_a_task: float
    gigabytes_a_second: float
    requests_a_second: float

    def to_json(self) -> dict[str, Any]:
        return {name: round(value, 4) for name, value in asdict(self).items()}


class _Seen(Watch):
    """The tasks that were finished, in their order, and what was told."""

    def __init__(self, world: World) -> None:
        self.finished_at: dict[str, float] = {}
        self.second_runs = 0
        self.joined = 0.0
        self._world = world

    def finished(self, record: Record) -> None:
        assert record.task not in self.finished_at, f"task {record.task} was finished twice"
        self.finished_at[record.task] = self._world.driver_now

    def event(self, event: Any) -> None:
        self.second_runs += event["event"] == "straggler"
        if event["event"] == "worker_joined":
            self.joined = self._world.driver_now


def simulate(facts: Parameters, fixed: float | None = None) -> Outcome:
    """The job's virtual seconds, from its first look at the cluster to its last commit.

    `fixed`: what the driver takes each time, in seconds, if it is not to be measured; the same
    parameters then give the same outcome.
    """
    job = _job(facts)
    plan = _plan(job, facts)
    gc.collect()
    gc.freeze()
    world = World(fixed)
    cluster, seen = SimulatedCluster(facts, world), _Seen(world)
    with _before(cluster), tempfile.TemporaryDirectory() as folder, held(folder) as lease:
        report = module.execute(job, Work(plan, Shelf(), plan.tasks, lease), seen)
    gc.unfreeze()
    _expect_all(plan, report, cluster, seen)
    return _outcome(facts, world, cluster, seen)


def outcome_of(words: dict[str, Any]) -> dict[str, Any]:
    """What comes of the parameters of bench/results with these words; for another process."""
    return simulate(from_results(**words)).to_json()


def _job(facts: Parameters) -> Job:
    late = {} if facts.second_runs else {"times": 1e9, "after": 1e9}
    executor = {"kind": "ray", "ray_address": "auto", "stragglers": late}
    source, output = "memory://in/0.tar", "memory://simulated"
    return Job(source=source, output=output, transforms=[{"resize": 256}], executor=executor)


def _plan(job: Job, facts: Parameters) -> Plan:
    size = facts.a_shard * facts.image_in
    names = (f"s3://bucket/imagenet/train-{number:06d}.tar" for number in range(facts.tasks))
    return plan_of(job, [[Part(name, size, "0") for name in names]], {"kind": "webdataset"})


@contextmanager
def _before(cluster: SimulatedCluster) -> Iterator[None]:
    """The run's executor is the real one, before this cluster."""
    opened = module.open_executor
    module.open_executor = lambda job, _, tell: RayExecutor(job, tell, RayWorker, cluster)
    try:
        yield
    finally:
        module.open_executor = opened


def _expect_all(plan: Plan, report: Report, cluster: SimulatedCluster, seen: _Seen) -> None:
    """AssertionError where a task was lost, or was taken for done twice."""
    ids = {task.id for task in plan.tasks}
    assert not report.failed, report.failed[:3]
    assert set(seen.finished_at) == set(cluster.committed) == ids, "tasks were lost"
    assert len(report.ran) == len(ids), "a task was taken for done twice"


def _outcome(facts: Parameters, world: World, cluster: SimulatedCluster, seen: _Seen) -> Outcome:
    seconds, tasks = max(seen.finished_at.values()), facts.tasks
    return Outcome(
        seconds=seconds,
        tasks=tasks,
        ended=len(seen.finished_at),
        commits=cluster.committed.total(),
        preempted=cluster.preempted,
        second_runs=seen.second_runs,
        joined_seconds=seen.joined,
        driver_share=(world.code_seconds + world.call_seconds) / max(world.driver_now, 1e-9),
        our_ms_a_task=1000 * world.code_seconds / tasks,
        ray_ms_a_task=1000 * world.call_seconds / tasks,
        gigabytes_a_second=cluster.bytes.passed / seconds / 1e9,
        requests_a_second=cluster.requests.passed / seconds,
    )
