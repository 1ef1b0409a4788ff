"""Parameters: what the simulated cluster is like, and where each figure is from."""

import json
from dataclasses import dataclass, field, fields, replace
from math import inf
from typing import Any

from bench.pipeline.facts import RESULTS

MEASURED, DOCUMENTED, ASSUMED = "measured", "documented", "assumed"


def _figure(value: Any, kind: str, source: str) -> Any:
    return field(default=value, metadata={"kind": kind, "source": source})


@dataclass(frozen=True)
class Parameters:
    """Seconds, bytes, and so many a second, if nothing else is said."""

    nodes: int = _figure(100, ASSUMED, "what the questions are about")
    cores: int = _figure(16, ASSUMED, "of a node; one worker each, the default of a job")
    images: int = _figure(10**9, ASSUMED, "what the questions are about")
    a_shard: int = _figure(10_000, ASSUMED, "images: shards of 1 GB")
    image_seconds: float = _figure(
        0.00135, MEASURED, "scale-workers.json: `ray 1`, one worker's images a second"
    )
    image_in: int = _figure(106_913, MEASURED, "pipeline-imagenet.json: `images.bytes`")
    image_out: int = _figure(30_000, MEASURED, "shards of the usual job, shorter side 256")
    noise: float = _figure(0.05, ASSUMED, "sigma of the logarithm of a task's seconds")
    guard_times: float = _figure(
        3.8, MEASURED, "pipeline-isolate.json: `always` against `never`, for a suspect"
    )
    call_seconds: float = _figure(
        0.0007,
        MEASURED,
        "scale-growth.json: `tasks`, less what the simulation measures of our own code",
    )
    node_listing: float = _figure(10e-6, ASSUMED, "the driver's time for each node Ray lists")
    trip: float = _figure(0.0005, ASSUMED, "from the driver to a worker or back")
    join_seconds: float = _figure(
        1.2, MEASURED, "scale-new-node.json: `warm_cache`, `first_shard` less `of_that_task`"
    )
    joins_a_second: float = _figure(500.0, ASSUMED, "actors that Ray's head starts")
    latency: float = _figure(0.05, ASSUMED, "of the bucket, as in storage.json `50 ms away`")
    open_trips: float = _figure(6, MEASURED, "executors/__init__.py: 0.3 s at 50 ms")
    commit_trips: float = _figure(10, MEASURED, "executors/__init__.py: 0.5 s at 50 ms")
    task_requests: int = _figure(9, MEASURED, "executors/__init__.py: to open and to commit")
    a_request: int = _figure(8 * 2**20, MEASURED, "bytes of a range or a part that we ask for")
    card: float = _figure(12.5e9 / 8, ASSUMED, "a node's network, 12.5 Gb/s")
    bandwidth: float = _figure(inf, ASSUMED, "of the whole bucket")
    requests: float = _figure(inf, ASSUMED, "of the whole bucket")
    slow_share: float = _figure(0.0, ASSUMED, "of the nodes that are slow")
    slow_times: float = _figure(1.0, ASSUMED, "how much longer they take")
    lifetime: float = _figure(inf, ASSUMED, "mean of a node's, until it is preempted")
    notice: float = _figure(0.0, DOCUMENTED, "before: 120 s (AWS), 30 s (Google Cloud, Azure)")
    unnoticed: float = _figure(
        30.0, DOCUMENTED, "until Ray knows a node gone that gave no notice; at once if it gave one"
    )
    boot: float = _figure(120.0, ASSUMED, "until another node stands in for one that went")
    second_runs: bool = _figure(True, ASSUMED, "what the questions are about")
    seed: int = _figure(0, ASSUMED, "of all that is random")

    @property
    def tasks(self) -> int:
        return -(-self.images // self.a_shard)

    @property
    def work_seconds(self) -> float:
        """Of one core, for one task, on a node like most."""
        return self.a_shard * self.image_seconds

    @property
    def io_bytes(self) -> int:
        return self.a_shard * (self.image_in + self.image_out)


def from_results(**words: Any) -> Parameters:
    """Those that can be, read from bench/results; `words` are what the question is about."""
    workers, isolate, joins = (
        result(name) for name in ("scale-workers", "pipeline-isolate", "scale-new-node")
    )
    rates, warm = isolate["images_per_second"], joins["warm_cache"]
    found = Parameters(
        image_seconds=1 / workers["images_per_second"]["ray 1"],
        image_in=result("pipeline-imagenet")["images"]["bytes"],
        guard_times=rates["never"] / rates["always"],
        join_seconds=warm["first_shard"] - warm["of_that_task"],
    )
    return replace(found, **words)


def told(parameters: Parameters) -> list[tuple[str, str, str, str]]:
    """Each parameter: its name, its value, whether measured, documented or assumed, and why."""
    return [
        (
            one.name,
            f"{getattr(parameters, one.name):g}",
            one.metadata["kind"],
            one.metadata["source"],
        )
        for one in fields(parameters)
    ]


def result(name: str) -> dict[str, Any]:
    """The figures of bench/results/NAME.json."""
    found: dict[str, Any] = json.loads((RESULTS / f"{name}.json").read_text("utf-8"))
    return found
