"""What a shuffle of many keys takes of the driver's memory: keys are simulated, the rest is real.

    python -m bench.scale.exchange_memory --keys 10000000 100000000

For each number of keys a process of its own: commit records of tasks of 10,000 keys with the runs
that they would leave, of which the indexes are written and samples are holes; then what the driver
does: the map, its sums, every task of the second stage.  At the end one task's stretch is looked
up, as a worker does.  Once for a shuffle, and once for one that draws as often from each of 1,000
classes, the largest of which has a thousand times as many samples as the smallest.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from time import perf_counter
from typing import Any

import numpy as np

from bench.pipeline.facts import save
from pixelmill import Job, storage
from pixelmill.exchange.map import read_map
from pixelmill.exchange.order import ENTRY, bin_ends
from pixelmill.exchange.stage import second_stage
from pixelmill.exchange.strata import Stratum, table_bytes
from pixelmill.ledger import Record
from pixelmill.outputs import ShardRecord
from pixelmill.sources import Part
from pixelmill.tally import Tally

A_TASK, A_SHARD, A_SAMPLE = 10_000, 5_000, 25_000
CLASSES = 1000
# Sizes of classes as photographs have them: the n-th largest has a share of 1 / n.
SHARES = 1 / np.arange(1, CLASSES + 1)
WAYS: dict[str, dict[str, Any]] = {"shuffle": {}, "balance": {"sample": {"balance": "cls"}}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keys", type=int, nargs="+", default=[10_000_000, 100_000_000])
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(_measured(asked.one[0], int(asked.one[1]))))
        return
    found: dict[str, Any] = {way: {} for way in WAYS}
    for keys in asked.keys:
        for way in WAYS:
            words = ["-m", "bench.scale.exchange_memory", "--one", way, str(keys)]
            done = subprocess.run([sys.executable, *words], check=True, capture_output=True)
            found[way][f"{keys}"] = json.loads(done.stdout)
            print(way, keys, found[way][f"{keys}"], flush=True)
    facts = {"keys_a_task": A_TASK, "a_shard": A_SHARD, "classes": CLASSES}
    save("scale-exchange-memory", {"keys": found, **facts})


def _measured(way: str, keys: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as out:
        output = {"shards": {"samples": A_SHARD, "equal": True}, **WAYS[way]}
        job = Job(source="unused", output=out, outputs=[output], shuffle=True)
        records = {f"{n:06d}": _task(out, n, way) for n in range(keys // A_TASK)}
        before, start = _peak(), perf_counter()
        tasks = second_stage(job, records)
        driver, seconds = _peak(), perf_counter() - start
        assert tasks[-1].stop == keys
        start = perf_counter()
        found = read_map(out, "train").stretch(tasks[1].start, tasks[1].stop)
        assert len(found) == A_SHARD
        assert (np.diff(found["high"].astype(np.float64)) >= 0).all()
        return {
            "tasks": len(records),
            "gatherings": len(tasks),
            "driver_bytes_before": before,
            "driver_bytes": driver,
            "driver_bytes_added": driver - before,
            "driver_seconds": round(seconds, 2),
            "lookup_seconds": round(perf_counter() - start, 2),
            "lookup_bytes_added": _peak() - driver,
        }


def _task(out: str, number: int, way: str) -> Record:
    """A task's record; its run holds a sorted index and what is behind it, and nothing before."""
    rng = np.random.default_rng(number)
    entries = np.zeros(A_TASK, ENTRY)
    entries["high"] = np.sort(rng.integers(0, 2**64, A_TASK, np.uint64))
    entries["low"] = rng.integers(0, 2**64, A_TASK, np.uint64)
    entries["length"] = A_SAMPLE
    entries["offset"] = np.arange(A_TASK) * A_SAMPLE
    name, data = f"exchange/train/{number:06d}-000.run", A_TASK * A_SAMPLE
    path = storage.join(out, name)
    storage.write(path, b"")
    with open(path, "wb") as file:
        file.seek(data)
        behind = bin_ends(entries).tobytes() if way == "shuffle" else _classes(entries, rng)
        file.write(entries.tobytes())
        file.write(behind)
        size = file.tell()
    run = ShardRecord("train", name, A_TASK, size, "0" * 64, ("cls", "jpg"))
    tally = Tally(A_TASK, A_TASK)
    tally.outputs["train"] = A_TASK
    return Record(f"{number:06d}", (Part(f"in-{number}.tar", size, "0"),), tally, runs=(run,))


def _classes(entries: Any, rng: np.random.Generator) -> bytes:
    """Give each key a class; the table of them."""
    drawn = rng.choice(CLASSES, A_TASK, p=SHARES / SHARES.sum())
    there, entries["flags"] = np.unique(drawn, return_inverse=True)
    counts = np.bincount(entries["flags"]).tolist()
    named = zip((f"n{number:08d}" for number in there.tolist()), counts, strict=True)
    return table_bytes({name: Stratum(count, float(count)) for name, count in named})


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
