"""What `reshard` costs against `cp` of the same files, taking turns.

    python -m bench.scale.reshard --samples 2000

Three ways of `cp`: into the page cache, until the bytes are on the disk, and with the sha256 of
each file as well, which is what a shard has that is committed.  `reshard` cuts the same bytes into
shards of 300, in their order and shuffled.
"""

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Callable
from statistics import median
from typing import Any

from bench.pipeline.facts import save
from bench.scale.turns import Spent, in_turns
from pixelmill import Job, storage
from pixelmill.demo.samples import write_samples
from pixelmill.run import run
from pixelmill.shards.reader import read_shard
from pixelmill.shards.writer import TarWriter
from pixelmill.verify import verify

"""By way, the seconds of each round by the clock and by the processor."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--shards", type=int, default=10)
    parser.add_argument("--copies", type=int, default=5, help="of the shards, under other keys")
    parser.add_argument("--rounds", type=int, default=9)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        made = write_samples(f"{folder}/in", asked.samples, asked.shards)
        shards, out = _copied(made, f"{folder}/many", asked.copies), f"{folder}/out"
        ways = _ways(shards, out)
        ways["reshard"]()  # imports what it needs
        assert verify(out).problems == []
        spent = in_turns(ways, asked.rounds, out)
        size = sum(os.path.getsize(path) for path in shards)
    figures = {
        "images": {"count": asked.samples * asked.copies, "shards": len(shards), "bytes": size},
        "times_cp": _ratios(spent, "cp"),
        "times_cp_and_sync": _ratios(spent, "cp, sync"),
        "times_cp_sync_and_sha256": _ratios(spent, "cp, sync, sha256"),
        "times_cp_and_sync_cpu": _ratios(spent, "cp, sync", 1),
        "seconds": {name: [round(s, 3) for s, _ in found] for name, found in spent.items()},
        "cpu_seconds": {name: [round(s, 3) for _, s in found] for name, found in spent.items()},
    }
    print(json.dumps({n: f for n, f in figures.items() if n.startswith("times")}, indent=1))
    save("scale-reshard", figures)


def _ways(shards: list[str], out: str) -> dict[str, Callable[[], None]]:
    copied = [f"{out}/{os.path.basename(path)}" for path in shards]

    def cp(*then: list[str]) -> None:
        os.makedirs(out)
        for command in (["cp", "--reflink=never", *shards, out], *then):
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    return {
        "cp": cp,
        "cp, sync": lambda: cp(["sync", *copied]),
        "cp, sync, sha256": lambda: cp(["sync", *copied], ["sha256sum", *copied]),
        "reshard": _running(_resharding(shards, out, False)),
        "reshard --shuffle": _running(_resharding(shards, out, True)),
    }


def _resharding(shards: list[str], out: str, shuffle: bool) -> Job:
    facts: dict[str, Any] = {"outputs": [{"shards": {"samples": 300, "equal": True}}]}
    facts |= {"untouched": True, "shuffle": shuffle, "executor": {"kind": "inline"}}
    return Job(source=shards, output=out, **facts)


def _running(job: Job) -> Callable[[], None]:
    def go() -> None:
        report = run(job)
        assert report.exit_code == 0, report.to_json()

    return go


def _copied(shards: list[str], folder: str, copies: int) -> list[str]:
    os.makedirs(folder)
    made = []
    for copy in range(copies):
        for path in shards:
            made.append(f"{folder}/{copy}-{os.path.basename(path)}")
            with open(made[-1], "wb") as file:
                tar = TarWriter(file.write)
                for sample in read_shard(storage.chunks(path), path):
                    tar.add(f"{copy}/{sample.key}", sample.fields)
                tar.close()
    return made


def _ratios(spent: Spent, base: str, which: int = 0) -> dict[str, dict[str, float]]:
    """How many times `base`: the median of the rounds, and the fastest against the fastest."""
    found = {}
    for name, rounds in spent.items():
        ours, theirs = ([one[which] for one in some] for some in (rounds, spent[base]))
        each = [a / max(b, 1e-9) for a, b in zip(ours, theirs, strict=True)]
        fastest = min(ours) / max(min(theirs), 1e-9)
        found[name] = {"median": round(median(each), 2), "fastest": round(fastest, 2)}
    return found


if __name__ == "__main__":
    main()
