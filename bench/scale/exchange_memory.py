"""What a shuffle of many keys takes of the driver's memory: keys are simulated, the rest is real.

    python -m bench.scale.exchange_memory --keys 10000000 100000000

For each number of keys a process of its own: commit records of tasks of 10,000 keys with the runs
that they would leave, of which index and counts are written and samples are holes; then what the
driver does: the map, its sums, every task of the second stage.  At the end one task's stretch is
looked up, as a worker does.
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
from pixelmill.exchange.map import read_map, write_map
from pixelmill.exchange.order import BINS, ENTRY, bin_ends
from pixelmill.exchange.stage import all_gathers
from pixelmill.ledger import Record
from pixelmill.outputs import ShardRecord
from pixelmill.sources import Part
from pixelmill.tally import Tally

A_TASK, A_SHARD, A_SAMPLE = 10_000, 5_000, 25_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--keys", type=int, nargs="+", default=[10_000_000, 100_000_000])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(_measured(asked.one)))
        return
    found = {}
    for keys in asked.keys:
        command = [sys.executable, "-m", "bench.scale.exchange_memory", "--one", str(keys)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found[f"{keys}"] = json.loads(done.stdout)
        print(keys, found[f"{keys}"], flush=True)
    save("scale-exchange-memory", {"keys": found, "keys_a_task": A_TASK, "a_shard": A_SHARD})


def _measured(keys: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as out:
        shards = {"samples": A_SHARD, "equal": True}
        job = Job(source="unused", output=out, outputs=[{"shards": shards}], shuffle=True)
        records = {f"{n:06d}": _task(out, n) for n in range(keys // A_TASK)}
        before, start = _peak(), perf_counter()
        write_map(job, "train", records.values())
        tasks = all_gathers(job, records.values())
        driver, seconds = _peak(), perf_counter() - start
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


def _task(out: str, number: int) -> Record:
    """A task's record; its run holds a sorted index and counts of hashes, and nothing before."""
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
        file.write(entries.tobytes())
        file.write(bin_ends(entries).tobytes())
        size = file.tell()
    assert size == data + A_TASK * ENTRY.itemsize + BINS * 4
    run = ShardRecord("train", name, A_TASK, size, "0" * 64, ("cls", "jpg"))
    tally = Tally(A_TASK, A_TASK)
    tally.outputs["train"] = A_TASK
    return Record(f"{number:06d}", (Part(f"in-{number}.tar", size, "0"),), tally, runs=(run,))


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


if __name__ == "__main__":
    main()
