"""Two workers against one, inline and on Ray; the same bytes from all of them.

    python -m bench.scale.workers --samples 12000

The rate is that of the steady part, after the first quarter of the tasks: starting Ray (7 to 23 s)
is left out and stated apart.  What the executor costs is the CPU time in that part of everything
but the workers (the driver and Ray's own processes), as a share of the workers' time.
"""

import argparse
import json
import shutil
import tempfile
from contextlib import suppress
from statistics import median
from time import perf_counter

import psutil

from bench.pipeline.facts import save
from pixelmill import Job
from pixelmill.demo.samples import write_samples
from pixelmill.ledger import Record
from pixelmill.run import Watch, run


class _Commits(Watch):
    """When each of so many tasks was committed, and the CPU time beside the workers till then."""

    def __init__(self, tasks: int) -> None:
        self.times: list[tuple[float, int]] = []
        self.spent: list[float] = []
        self._tasks = tasks

    def finished(self, record: Record) -> None:
        self.times.append((perf_counter(), record.tally.read))
        if len(self.times) in (self._tasks // 4 + 1, self._tasks):
            self.spent.append(_beside_the_workers())

    def overhead(self, workers: int) -> float:
        """The share of the workers' time that everything else takes; on Ray only."""
        seconds = self.times[-1][0] - self.times[self._tasks // 4][0]
        return (self.spent[1] - self.spent[0]) / (workers * seconds)

    def rate(self) -> float:
        """Samples a second after the first quarter: Ray's own processes start beside its tasks."""
        begin = len(self.times) // 4
        counts = sum(count for _, count in self.times[begin + 1 :])
        return counts / (self.times[-1][0] - self.times[begin][0])


def _beside_the_workers() -> float:
    """CPU seconds of this process and of Ray's, without its workers."""
    here = psutil.Process()
    found = 0.0
    for process in [here, *here.children(recursive=True)]:
        with suppress(psutil.Error):
            if not process.name().startswith("ray::"):
                times = process.cpu_times()
                found += times.user + times.system
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=12000)
    parser.add_argument("--shards", type=int, default=100)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dry", action="store_true", help="keep nothing in bench/results")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shards = write_samples(f"{folder}/in", asked.samples, asked.shards)
        kinds = [("inline", 1), ("inline", 2), ("ray", 1), ("ray", 2)]
        rates: dict[str, list[float]] = {f"{kind} {n}": [] for kind, n in kinds}
        versions = set()
        starts: list[float] = []
        overheads: dict[str, list[float]] = {"ray 1": [], "ray 2": []}
        for _ in range(asked.rounds):
            for kind, workers in kinds:
                watch, version, start = _watched(kind, workers, shards, f"{folder}/out")
                rate = watch.rate()
                rates[f"{kind} {workers}"].append(rate)
                versions.add(version)
                if kind == "ray":
                    starts.append(start)
                    overheads[f"{kind} {workers}"].append(watch.overhead(workers))
                print(f"{kind} {workers}: {rate:.0f} images/s", flush=True)
    pairs = {k: list(zip(rates[f"{k} 1"], rates[f"{k} 2"], strict=True)) for k in ("inline", "ray")}
    assert len(versions) == 1, f"not the same bytes: {versions}"
    figures = {
        "images": {"count": asked.samples, "size": "imagenet", "shards": asked.shards},
        "images_per_second": {name: round(median(r), 1) for name, r in rates.items()},
        "two_are_times_one": {
            kind: round(median(two / one for one, two in found), 3) for kind, found in pairs.items()
        },
        "ray_2_is_times_inline_2": round(
            median(
                ray / inline for ray, inline in zip(rates["ray 2"], rates["inline 2"], strict=True)
            ),
            3,
        ),
        "executor_share_of_workers_time": {
            name: round(median(found), 4) for name, found in overheads.items()
        },
        "rounds": {name: [round(r, 1) for r in found] for name, found in rates.items()},
        "ray_start_seconds": round(median(starts), 1),
        "dataset_version": versions.pop(),
    }
    print(json.dumps({name: figures[name] for name in list(figures)[1:5]}, indent=1))
    if not asked.dry:
        save("scale-workers", figures)


def _watched(kind: str, workers: int, shards: list[str], out: str) -> tuple[_Commits, str, float]:
    shutil.rmtree(out, ignore_errors=True)
    watch = _Commits(len(shards))
    job = Job(
        source=shards,
        output=out,
        transforms=[{"resize": 256}],
        executor={"kind": kind, "workers": workers},
    )
    start = perf_counter()
    report = run(job, watch)
    assert report.exit_code == 0, report.to_json()
    return watch, report.version, watch.times[0][0] - start


if __name__ == "__main__":
    main()
