"""How soon a node that joins a running job has its first images written.

    python -m bench.scale.new_node

A job runs on one node of a real cluster on this machine; a second node joins, once with an empty
kernel cache (it compiles) and once with that of before (an image built by cluster/Dockerfile has
one).  The time is from the moment the node is known to Ray (`ray start` took so long before) to its
first commit record, a shard of so many photographs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter, sleep, time
from typing import Any

from bench.pipeline.facts import save
from pixelmill.demo.samples import write_samples

os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
NODE = {"num_cpus": 1, "object_store_memory": 100_000_000}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--samples", type=int, default=50, help="photographs in a shard")
    parser.add_argument("--dry", action="store_true", help="keep nothing in bench/results")
    asked = parser.parse_args()
    found: dict[str, list[dict[str, float]]] = {"cold": [], "warm": []}
    with tempfile.TemporaryDirectory() as folder:
        shards = write_samples(f"{folder}/in", asked.samples * 400, 400)
        for number in range(asked.rounds):
            for kind in found:
                out, cache = f"{folder}/out-{number}-{kind}", f"{folder}/cache-{number}"
                found[kind].append(_joined(shards, out, cache))
                print(kind, found[kind][-1], flush=True)
    figures = {
        "samples_a_shard": asked.samples,
        **{
            f"{kind}_cache": {what: round(median(r[what] for r in rounds), 2) for what in rounds[0]}
            for kind, rounds in found.items()
        },
        "rounds": found,
    }
    if not asked.dry:
        save("scale-new-node", figures)


def _joined(shards: list[str], out: str, cache: str) -> dict[str, float]:
    """Seconds of a node that joins a job that runs already."""
    from ray.cluster_utils import Cluster

    os.environ["NUMBA_CACHE_DIR"] = f"{cache}-first"
    cluster = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    try:
        driver = _drive(shards, out, cluster.address)
        first = _wait(out, known=set())
        start = perf_counter()
        # A machine of its own has a cache of its own.
        cluster.add_node(**NODE, env_vars={"NUMBA_CACHE_DIR": cache})
        known, clock = perf_counter(), time()
        second = _wait(out, known={first["worker"]})
        driver.kill()
        driver.wait()
        seconds = second["written"] - clock
        return {"ray_start": known - start, "first_shard": seconds, "of_that_task": second["wall"]}
    finally:
        cluster.shutdown()


def _drive(shards: list[str], out: str, address: str) -> "subprocess.Popen[bytes]":
    job = {
        "source": shards,
        "output": out,
        "transforms": [{"resize": 256}],
        "executor": {"kind": "ray", "ray_address": address},
    }
    path = Path(f"{out}.json")
    path.write_text(json.dumps(job))
    command = [sys.executable, "-m", "pixelmill", "run", str(path), "--quiet"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def _wait(out: str, known: set[str], seconds: float = 120) -> dict[str, Any]:
    """The first commit record of a worker that is not known yet, and when it was written."""
    deadline, seen = perf_counter() + seconds, set[str]()
    while perf_counter() < deadline:
        for path in sorted(Path(out, "ledger").glob("[0-9]*.json")):
            if path.name not in seen:
                seen.add(path.name)
                record: dict[str, Any] = json.loads(path.read_text())
                if record["worker"] not in known:
                    return {**record, "written": path.stat().st_mtime}
        sleep(0.02)
    raise TimeoutError(f"no new worker has committed a task in {seconds:.0f} s")


if __name__ == "__main__":
    main()
