"""How long labels from tables take: NIH ChestX-ray14's 112,120 rows, and a table of millions.

    python -m bench.labels.tables --nih ../shared/data/nih --rows 15000000

Of NIH: the index of both tables, then the record of every image, as a job makes them.  Of the large
one, which is made here (a key, one of 1,000 classes, a group): the index, then 100,000 random keys;
memory is the process's largest, in a process of its own.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from bench.pipeline.facts import save
from pixelmill import Job
from pixelmill.labels import Join, prepare
from pixelmill.sample import Failure, Sample

ASKED = 100_000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nih", type=Path, default=Path("../shared/data/nih"))
    parser.add_argument("--rows", type=int, nargs="*", default=[1_000_000, 15_000_000])
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one is not None:
        print(json.dumps(_nih(asked.nih) if asked.one == 0 else _large(asked.one)))
        return
    found = {}
    for rows in [0, *asked.rows]:
        words = ["-m", "bench.labels.tables", "--nih", str(asked.nih), "--one", str(rows)]
        done = subprocess.run([sys.executable, *words], check=True, capture_output=True)
        found[f"{rows}" if rows else "nih"] = json.loads(done.stdout)
        print(rows or "nih", done.stdout.decode().strip(), flush=True)
    save("labels", found)


def _nih(folder: Path) -> dict[str, Any]:
    labels = {"form": "nih", "table": str(folder / "Data_Entry_2017_v2020.csv.gz")}
    labels["boxes"] = str(folder / "BBox_List_2017.csv.gz")
    with tempfile.TemporaryDirectory() as out:
        job = _job(labels, out)
        start, used = perf_counter(), process_time()
        rows = prepare(job)["rows"]
        indexed = perf_counter() - start
        join = Join(job)
        told = sum(1 for _ in join.of_rows())
        assert told == rows[0] == 112_120
        return {"rows": rows, "index_seconds": round(indexed, 2), **_spent(start, used)}


def _large(rows: int) -> dict[str, Any]:
    labels = {"key": "file", "columns": {"label": "kind", "group": "who"}}
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder, "t.csv")
        with table.open("w") as file:
            file.write("file,kind,who\n")
            for n in range(rows):
                file.write(f"train/{n * 2654435761 % 2**32:08x}_{n}.jpg,c{n % 1000},p{n % 97}\n")
        job = _job({**labels, "table": str(table)}, folder)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start, used = perf_counter(), process_time()
        prepare(job)
        indexed = {"index_seconds": round(perf_counter() - start, 2), **_spent(start, used)}
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        join = Join(job)
        start = perf_counter()
        found = [*join.samples(_asked(rows))]
        assert not any(isinstance(one, Failure) for one in found)
        return {
            "rows": rows,
            "table_bytes": table.stat().st_size,
            **indexed,
            "peak_rss_before_kib": before,
            "peak_rss_kib": peak,
            "lookups_a_second": round(ASKED / (perf_counter() - start)),
        }


def _asked(rows: int) -> Iterator[Sample | Failure]:
    for n in np.random.default_rng(1).integers(0, rows, ASKED).tolist():
        yield Sample(f"train/{n * 2654435761 % 2**32:08x}_{n}")


def _job(labels: dict[str, Any], out: str) -> Job:
    return Job.model_validate({"source": {"urls": "unused", "labels": labels}, "output": out})


def _spent(start: float, used: float) -> dict[str, float]:
    return {
        "seconds": round(perf_counter() - start, 2),
        "cpu_seconds": round(process_time() - used, 2),
    }


if __name__ == "__main__":
    main()
