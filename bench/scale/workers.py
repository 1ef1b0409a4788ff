"""Two workers against one, inline and on Ray; the same bytes from all of them.

    python -m bench.scale.workers --samples 12000

The rate is that of the steady part, after the first quarter of the tasks: starting Ray (7 to 23 s)
is left out and stated apart.
"""

import argparse
import json
import shutil
import tempfile
from statistics import median
from time import perf_counter

from bench.pipeline.facts import save
from pixelmill import Job
from pixelmill.demo.samples import write_samples
from pixelmill.executors import Executor
from pixelmill.ledger import Record
from pixelmill.run import Watch, run


class _Commits(Watch):
    """When each task was committed."""

    def __init__(self) -> None:
        self.times: list[tuple[float, int]] = []
        self.begun = 0.0

    def started(self, executor: Executor) -> None:
        self.begun = perf_counter()

    def finished(self, record: Record) -> None:
        self.times.append((perf_counter(), record.tally.read))

    def rate(self) -> float:
        """Samples a second after the first quarter: Ray's own processes start beside its tasks."""
        begin = len(self.times) // 4
        counts = sum(count for _, count in self.times[begin + 1 :])
        return counts / (self.times[-1][0] - self.times[begin][0])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=12000)
    parser.add_argument("--shards", type=int, default=80)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shards = write_samples(f"{folder}/in", asked.samples, asked.shards)
        kinds = [("inline", 1), ("inline", 2), ("ray", 1), ("ray", 2)]
        rates: dict[str, list[float]] = {f"{kind} {n}": [] for kind, n in kinds}
        versions = set()
        starts: list[float] = []
        for _ in range(asked.rounds):
            for kind, workers in kinds:
                rate, version, start = _rate(kind, workers, shards, f"{folder}/out")
                rates[f"{kind} {workers}"].append(rate)
                versions.add(version)
                starts += [start] if kind == "ray" else []
                print(f"{kind} {workers}: {rate:.0f} images/s", flush=True)
    pairs = {k: list(zip(rates[f"{k} 1"], rates[f"{k} 2"], strict=True)) for k in ("inline", "ray")}
    assert len(versions) == 1, f"not the same bytes: {versions}"
    figures = {
        "images": {"count": asked.samples, "size": "imagenet", "shards": asked.shards},
        "images_per_second": {name: round(median(r), 1) for name, r in rates.items()},
        "two_are_times_one": {
            kind: round(median(two / one for one, two in found), 3) for kind, found in pairs.items()
        },
        "rounds": {name: [round(r, 1) for r in found] for name, found in rates.items()},
        "ray_start_seconds": round(median(starts), 1),
        "dataset_version": versions.pop(),
    }
    print(json.dumps(figures["two_are_times_one"]))
    save("scale-workers", figures)


def _rate(kind: str, workers: int, shards: list[str], out: str) -> tuple[float, str, float]:
    shutil.rmtree(out, ignore_errors=True)
    watch = _Commits()
    job = Job(
        source=shards,
        output=out,
        transforms=[{"resize": 256}],
        executor={"kind": kind, "workers": workers},
    )
    start = perf_counter()
    report = run(job, watch)
    assert report.exit_code == 0, report.to_json()
    return watch.rate(), report.version, watch.times[0][0] - start


if __name__ == "__main__":
    main()
