"""Reality: what was measured on this machine, and what the simulation says of the same.

The driver's time in Ray is no figure of its own: it is what `bench.scale.growth` measures for its
largest number of tasks, less our code in the same tasks, which the simulation measures.
"""

from dataclasses import replace
from typing import Any

from bench.scale.simulation.parameters import Parameters, from_results, result
from bench.scale.simulation.scenario import simulate

# A local disk, one machine.
HERE: dict[str, Any] = {"nodes": 1, "latency": 0.0, "joins_a_second": 10.0}


def call_seconds() -> float:
    """What one call of Ray's takes of the driver, its answer and the rest of its run with it."""
    measured = _many_tasks()
    ours = simulate(replace(_tiny(measured), call_seconds=0.0)).our_ms_a_task
    whole = measured["driver_cpu_ms_a_task"] - measured["of_that_plan_ms"]
    return float(whole - ours) / 1000


def compared(calls: float) -> dict[str, dict[str, float]]:
    """For one and two workers, and for tiny tasks: measured, simulated, how far apart."""
    return {**_workers(calls), **_driver(calls)}


def _workers(calls: float) -> dict[str, dict[str, float]]:
    measured = result("scale-workers")
    images, shards = measured["images"]["count"], measured["images"]["shards"]
    found = {}
    for cores in (1, 2):
        words = {**HERE, "cores": cores, "images": images, "a_shard": images // shards}
        outcome = simulate(from_results(call_seconds=calls, **words))
        rate = images / (outcome.seconds - outcome.joined_seconds)
        name = f"{cores} worker{'s' * (cores > 1)}, images/s"
        found[name] = _pair(measured["images_per_second"][f"ray {cores}"], rate)
    return found


def _driver(calls: float) -> dict[str, dict[str, float]]:
    measured = _many_tasks()
    outcome = simulate(replace(_tiny(measured), call_seconds=calls))
    # Driver, workers and Ray's own processes share the cores of this machine; in the simulation
    # each has its own.
    cpu = measured["driver_cpu_ms_a_task"] + measured["workers_and_ray_cpu_ms_a_task"]
    alone = outcome.tasks / (outcome.seconds - outcome.joined_seconds)
    shared = min(alone, 1000 * result("scale-growth")["machine"]["cores"] / cpu)
    rate = measured["tasks"] / measured["of_that_tasks"]
    name = f"{outcome.tasks:,} tiny tasks, tasks/s"
    return {
        f"{name}, each process on a core of its own": _pair(rate, alone),
        f"{name}, all on the cores of this machine": _pair(rate, shared),
    }


def _many_tasks() -> dict[str, Any]:
    counts: dict[str, dict[str, Any]] = result("scale-growth")["tasks"]
    return counts[max(counts, key=int)]


def _tiny(measured: dict[str, Any]) -> Parameters:
    """A worker's task takes what workers and Ray took for one, on one core."""
    each = measured["workers_and_ray_cpu_ms_a_task"] / 1000
    words = {**HERE, "cores": 2, "a_shard": 1000, "image_seconds": each / 1000}
    return from_results(images=1000 * measured["tasks"], noise=0.0, card=1e15, **words)


def _pair(measured: float, simulated: float) -> dict[str, float]:
    return {
        "measured": round(measured, 1),
        "simulated": round(simulated, 1),
        "deviation": round(simulated / measured - 1, 3),
    }
