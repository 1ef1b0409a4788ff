"""How throughput and cost grow: with workers, the size of shards and of images, and many shards.

    python -m bench.scale.growth --samples 4000

The usual job (shorter side 256, JPEG 90) in this process, the ways of one curve taking turns; and
for each number of tasks a run of `bench.scale.driver`, whose shards are empty and whose workers
commit at once: the listing, the plan, Ray, the ledger and the manifest are real.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from statistics import median
from typing import Any

from bench.pipeline.facts import RESULTS, save
from bench.scale.turns import in_turns
from pixelmill import Job
from pixelmill.demo.samples import write_samples
from pixelmill.executors import cores
from pixelmill.measure.scaling import laws_of
from pixelmill.run import run

A_SHARD = (10, 30, 100, 300, 1000, 2000)
# Photographs of each size that take about as long: a twelve-megapixel one takes 50 times as long.
SIZES = {"imagenet": 1.0, "web": 0.25, "camera": 0.02}
TASKS = (1, 10, 100, 1000, 10_000, 100_000)
# What the driver may take: CPU time for each task from where starting Ray is no longer most of it,
# and memory.
FROM, MOST_MS, MOST_MB = 1000, 5.0, 500

Runs = dict[str, tuple[int, Callable[[], None]]]
"""By way, how many images it takes and how it is run."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tasks", type=int, nargs="+", default=TASKS)
    parser.add_argument("--dry", action="store_true", help="keep nothing in bench/results")
    asked = parser.parse_args()
    # First of all: a process starts out with the peak of memory of the one that starts it.
    tasks = {f"{tasks}": _driver(tasks) for tasks in asked.tasks}
    with tempfile.TemporaryDirectory() as folder:
        out = f"{folder}/out"
        figures: dict[str, Any] = {
            "samples": asked.samples,
            "workers": _curve(_workers(folder, asked.samples), asked.rounds, out),
            "images_a_shard": _curve(_shards(folder, asked.samples), asked.rounds, out),
            "image_size": _curve(_sizes(folder, asked.samples), asked.rounds, out),
            "tasks": tasks,
        }
    figures["laws"] = [law.to_json() for law in laws_of(_rates(figures["workers"]))]
    print(json.dumps(figures, indent=1))
    if not asked.dry:
        save("scale-growth", figures)
        plot(figures, RESULTS / "scale-growth.png")
    expect_cheap(figures["tasks"])


def expect_cheap(found: Mapping[str, Mapping[str, float]]) -> None:
    """AssertionError where the driver took more for a task, or more memory, than it may."""
    for tasks, cost in found.items():
        assert cost["driver_peak_mb"] < MOST_MB, (tasks, cost)
        assert int(tasks) < FROM or cost["driver_cpu_ms_a_task"] < MOST_MS, (tasks, cost)


def _curve(ways: Runs, rounds: int, out: str) -> dict[str, dict[str, float]]:
    going = {name: go for name, (_, go) in ways.items()}
    in_turns(going, 1, out)  # compiles, and fills the page cache
    spent = in_turns(going, rounds, out)
    return {name: _figures(ways[name][0], found) for name, found in spent.items()}


def _figures(images: int, found: list[tuple[float, float]]) -> dict[str, float]:
    return {
        "images": images,
        "images_per_second": round(median(images / wall for wall, _ in found), 1),
        "cpu_ms_an_image": round(1000 * median(cpu / images for _, cpu in found), 3),
    }


def _workers(folder: str, samples: int) -> Runs:
    shards = write_samples(f"{folder}/workers", samples, 40)
    counts = range(1, cores() + 1)
    return {f"{n}": (samples, _running(shards, folder, n)) for n in counts}


def _shards(folder: str, samples: int) -> Runs:
    ways: Runs = {}
    for size in [size for size in A_SHARD if size <= samples]:
        shards = write_samples(f"{folder}/shards-{size}", samples, max(1, samples // size))
        ways[f"{size}"] = samples, _running(shards, folder, cores())
    return ways


def _sizes(folder: str, samples: int) -> Runs:
    ways: Runs = {}
    for size, share in SIZES.items():
        images = max(8, round(samples * share))
        shards = write_samples(f"{folder}/{size}", images, 8, size=size)  # type: ignore[arg-type]
        ways[size] = images, _running(shards, folder, cores())
    return ways


def _running(shards: list[str], folder: str, workers: int) -> Callable[[], None]:
    executor = {"kind": "inline", "workers": workers}
    words = {"transforms": [{"resize": 256}], "executor": executor}
    job = Job(source=shards, output=f"{folder}/out", **words)

    def go() -> None:
        report = run(job)
        assert report.exit_code == 0, report.to_json()

    return go


def _driver(tasks: int) -> dict[str, float]:
    """What `bench.scale.driver` says of so many tasks, in a process of its own."""
    command = [sys.executable, "-m", "bench.scale.driver", "--dry", "--tasks", f"{tasks}"]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def _rates(found: Mapping[str, Mapping[str, float]]) -> dict[int, float]:
    return {int(count): figures["images_per_second"] for count, figures in found.items()}


def plot(figures: Mapping[str, Any], path: Path) -> None:
    """The four curves on one sheet."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(2, 2, figsize=(10, 7), layout="constrained")
    shown = {"workers": "workers", "images_a_shard": "images a shard", "image_size": "photographs"}
    for (curve, label), axis in zip(shown.items(), axes.flat, strict=False):
        found = figures[curve]
        axis.plot(list(found), [each["images_per_second"] for each in found.values()], "o-")
        axis.set(xlabel=label, ylabel="images/s", ylim=(0, None))
    counts, last = [int(tasks) for tasks in figures["tasks"]], axes.flat[3]
    for name, unit in {"driver_cpu_ms_a_task": "ms a task", "driver_peak_mb": "MB"}.items():
        costs = [cost[name] for cost in figures["tasks"].values()]
        last.loglog(counts, costs, "o-", label=f"driver, {unit}")
    last.set(xlabel="tasks")
    last.legend()
    figure.savefig(path, dpi=90)
    pyplot.close(figure)


if __name__ == "__main__":
    main()
