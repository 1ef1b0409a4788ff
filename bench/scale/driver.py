"""What the driver costs when tasks are many: its CPU time for each, and its memory.

    python -m bench.scale.driver --tasks 100000

The whole way is real: the listing, the plan, Ray, the ledger, the manifest.  Only the workers are
simulated: they commit a record at once, as if a shard of 1,000 images were done.
"""

import argparse
import json
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import psutil

from bench.pipeline.facts import save
from pixelmill import Job
from pixelmill.cli.progress import Progress
from pixelmill.executors.ray import RayExecutor
from pixelmill.executors.ray_worker import Answer, RayWorker
from pixelmill.ledger import Ledger, Record
from pixelmill.outputs import ShardRecord
from pixelmill.plan import Task
from pixelmill.run import Report, run
from pixelmill.tally import Tally
from pixelmill.task import peak_rss

IMAGES = 1000


class Simulated(RayWorker):
    """Commits at once."""

    def __init__(self, job: dict[str, Any], *more: Any) -> None:
        super().__init__(job, *more)
        self.ledger = Ledger(job["output"])

    def run(self, task: Task, guarded: bool = False) -> Answer:
        record = record_of(task, self.name)
        self.ledger.commit(record)
        return Answer(record, [])


def record_of(task: Task, worker: str, images: int = IMAGES, total: float = 0.861) -> Record:
    """As if a shard of so many images had taken `total` seconds."""
    tally = Tally(images, images - 2)
    tally.dropped["too_small"], tally.quarantined["undecodable"] = 1, 1
    tally.outputs["train"], tally.notes["orientation_applied"] = images - 2, 12
    shard = ShardRecord(
        "train", f"train-{task.id}.tar", images - 2, 30_000 * images, "0" * 64, ("cls", "jpg")
    )
    kept = ShardRecord("quarantine", f"quarantine/{task.id}.tar", 1, 100 << 10, "0" * 64)
    steps = ("open", "read", "decode", "transforms", "encode", "write", "commit")
    seconds = dict.fromkeys(steps, round(total / len(steps), 6))
    return Record(
        task.id, task.parts, tally, (shard,), kept, seconds=seconds, wall=0.9, worker=worker
    )


class _Watch(Progress):
    """The progress of the command line, when the phases began, and what all processes took."""

    def __init__(self, tasks: int) -> None:
        super().__init__()
        self.others, self.tasks_seconds = [0.0, 0.0], 0.0
        self._tasks, self._finished = tasks, 0
        self.planned_at = self.started_at = time.process_time()

    def started(self, executor: Any) -> None:
        self.started_at, self.begun = time.process_time(), time.perf_counter()
        super().started(executor)

    def finished(self, record: Record) -> None:
        """The first and the last task are where Ray has begun, and where it has not yet ended."""
        super().finished(record)
        self._finished += 1
        if self._finished in (1, self._tasks):
            now = _beside_this_process()
            self.others = [self.others[0] or now, now]
            self.tasks_seconds = time.perf_counter() - self.begun


def _beside_this_process() -> float:
    """CPU seconds of the workers and of Ray's own processes."""
    found = 0.0
    for process in psutil.Process().children(recursive=True):
        with suppress(psutil.Error):
            times = process.cpu_times()
            found += times.user + times.system
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tasks", type=int, default=100_000)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--dry", action="store_true", help="keep nothing in bench/results")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for number in range(asked.tasks):
            Path(folder, f"in-{number:06d}.tar").touch()
        begin, wall = time.process_time(), time.perf_counter()
        report, watch = _run(folder, asked.tasks, asked.workers)
        end, wall = time.process_time(), time.perf_counter() - wall
    assert report.done == asked.tasks, report.to_json()
    figures = {
        "tasks": asked.tasks,
        "driver_cpu_ms_a_task": round(1000 * (end - begin) / asked.tasks, 3),
        "of_that_plan_ms": round(1000 * (watch.started_at - begin) / asked.tasks, 3),
        "workers_and_ray_cpu_ms_a_task": round(
            1000 * (watch.others[1] - watch.others[0]) / asked.tasks, 3
        ),
        "driver_peak_mb": round(peak_rss() / 1e6),
        "seconds": round(wall, 1),
        "of_that_tasks": round(watch.tasks_seconds, 1),
        "tasks_a_second": round(asked.tasks / wall),
    }
    print(json.dumps(figures))
    if not asked.dry:
        save("scale-driver", figures)


def _run(folder: str, tasks: int, workers: int) -> tuple[Report, _Watch]:
    import pixelmill.run as module

    executor = {"kind": "ray", "workers": workers}
    source = f"{folder}/in-{{000000..{tasks - 1:06d}}}.tar"
    job = Job(source=source, output=f"{folder}/out", executor=executor)
    module.open_executor = lambda job, _, tell: RayExecutor(job, tell, Simulated)
    with _Watch(tasks) as watch:
        return run(job, watch), watch


if __name__ == "__main__":
    main()
