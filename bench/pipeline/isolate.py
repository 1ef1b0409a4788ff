"""What it costs to have each sample in a process of its own: `executor.isolate`.

    python -m bench.pipeline.isolate

The same shards with no guard, with one that waits for a suspect, and with all samples guarded, by
turns; each run is told once it is warm, and all write the same bytes.
"""

import argparse
import shutil
import tempfile
from statistics import median
from time import perf_counter

from bench.pipeline.facts import save
from pixelmill import Job
from pixelmill.demo.samples import write_samples
from pixelmill.run import run

WAYS = ("never", "suspects", "always")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=1000, help="107 KB each")
    parser.add_argument("--shards", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=1)
    asked = parser.parse_args()
    rates: dict[str, list[float]] = {way: [] for way in WAYS}
    with tempfile.TemporaryDirectory() as folder:
        shards = write_samples(f"{folder}/in", asked.samples, asked.shards)
        for number in range(1 + asked.rounds):  # the first is for the kernels' and files' caches
            versions = set()
            for way in WAYS:
                rate, version = _timed(shards, f"{folder}/out", way, asked.workers)
                versions.add(version)
                if number:
                    rates[way].append(rate)
            assert len(versions) == 1, f"not the same bytes: {versions}"
    save("pipeline-isolate", _figures(rates) | vars(asked))


def _timed(shards: list[str], out: str, way: str, workers: int) -> tuple[float, str]:
    shutil.rmtree(out, ignore_errors=True)
    executor = {"kind": "inline", "workers": workers, "isolate": way}
    job = Job(source=shards, output=out, transforms=[{"resize": 256}], executor=executor)
    start = perf_counter()
    report = run(job)
    assert report.exit_code == 0, report.failed
    return report.tally.read / (perf_counter() - start), report.version


def _figures(rates: dict[str, list[float]]) -> dict[str, object]:
    never = rates["never"]
    return {
        "images_per_second": {way: round(median(found), 1) for way, found in rates.items()},
        "is_times_never": {
            way: round(median(a / b for a, b in zip(found, never, strict=True)), 3)
            for way, found in rates.items()
        },
    }


if __name__ == "__main__":
    main()
