"""What a shuffle and equal shards cost: one job with and without them, taking turns.

    python -m bench.scale.exchange --samples 2000

The job is that of most people (shorter side 256, JPEG 90); `bench.scale.reshard` has the same words
without any pixels.
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from statistics import median
from typing import Any

from bench.pipeline.facts import save
from bench.scale.turns import in_turns
from pixelmill import Job
from pixelmill.demo.samples import write_samples
from pixelmill.run import run

WORDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "shuffle": {"shuffle": True},
    "equal shards": {"outputs": [{"shards": {"samples": 300, "equal": True}}]},
    "both": {"shuffle": True, "outputs": [{"shards": {"samples": 300, "equal": True}}]},
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--shards", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        shards = write_samples(f"{folder}/in", asked.samples, asked.shards)
        jobs = {name: _job(shards, f"{folder}/out", words) for name, words in WORDS.items()}
        run(jobs["plain"])  # compiles, and fills the page cache
        spent = in_turns(
            {name: _running(job) for name, job in jobs.items()}, asked.rounds, f"{folder}/out"
        )
    figures = {
        "images": {"count": asked.samples, "size": "imagenet", "shards": asked.shards},
        "times_plain": _ratios(spent, "plain"),
        "times_plain_cpu": _ratios(spent, "plain", 1),
        "seconds": {name: [round(s, 2) for s, _ in found] for name, found in spent.items()},
    }
    print(
        json.dumps({name: figures[name] for name in figures if name.startswith("times")}, indent=1)
    )
    save("scale-exchange", figures)


def _job(shards: list[str], out: str, words: dict[str, Any]) -> Job:
    facts = {"transforms": [{"resize": 256}], "executor": {"kind": "inline"}}
    return Job(**{"source": shards, "output": out, **facts, **words})


def _running(job: Job) -> Callable[[], None]:
    def go() -> None:
        report = run(job)
        assert report.exit_code == 0, report.to_json()

    return go


def _ratios(
    spent: dict[str, list[tuple[float, float]]], base: str, which: int = 0
) -> dict[str, float]:
    return {
        name: round(median(a[which] / b[which] for a, b in zip(found, spent[base], strict=True)), 3)
        for name, found in spent.items()
        if name != base
    }


if __name__ == "__main__":
    main()
