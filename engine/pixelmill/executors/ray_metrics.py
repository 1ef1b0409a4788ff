"""Ray metrics: what Ray's nodes show to Prometheus about a job; all of it comes from the driver.

cluster/grafana.json draws them.
"""

from time import monotonic

from ray.util.metrics import Counter, Gauge, Histogram

from pixelmill.clock import STEPS, WAITS
from pixelmill.errors import TaskFailed
from pixelmill.executors.crew import Crew
from pixelmill.job import Job
from pixelmill.ledger import Record
from pixelmill.storage import masked

# s; a shard of some hundred megabytes takes from some seconds to some minutes.
SECONDS = [1.0, 3.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1800.0]


class Metrics:
    """Counters of what is committed, gauges of what goes on."""

    def __init__(self, job: Job) -> None:
        self._job = {"output": masked(job.output)}
        self._samples = self._counter("samples", "Samples by what became of them", "outcome")
        self._failures = self._counter("quarantined", "Samples in quarantine by reason", "reason")
        self._drops = self._counter("dropped", "Samples dropped by reason", "reason")
        self._bytes = self._counter("bytes", "Bytes read and written", "direction")
        self._seconds = self._counter("seconds", "Workers' seconds by step", "step")
        self._waits = self._counter("wait_seconds", "Tasks' seconds without a core", "wait")
        self._tasks = self._counter("tasks", "Tasks by how they ended", "outcome")
        self._task_seconds = Histogram(
            "pixelmill_task_seconds", "Seconds of one task", SECONDS, ("output",)
        )
        self._in_flight = self._gauge("tasks_in_flight", "Tasks that workers have")
        self._waiting = self._gauge("tasks_waiting", "Tasks that no worker has yet")
        self._workers = self._gauge("workers", "Workers that are ready")
        self._pending = self._gauge("workers_pending", "Workers that wait for a node")
        self._silence = self._gauge("silence_seconds", "Since a task was committed")
        self._last = monotonic()

    def took(self, result: Record | TaskFailed) -> None:
        """What a task came to."""
        if isinstance(result, TaskFailed):
            self._add(self._tasks, "outcome", "failed", 1)
            return
        self._last = monotonic()
        tally = result.tally
        self._add(self._tasks, "outcome", "committed", 1)
        self._task_seconds.observe(sum(result.seconds.values()), self._job)
        self._add(self._samples, "outcome", "written", tally.written)
        self._add(self._samples, "outcome", "dropped", tally.dropped.total())
        self._add(self._samples, "outcome", "quarantined", tally.quarantined.total())
        for reason, count in tally.quarantined.items():
            self._add(self._failures, "reason", reason, count)
        for reason, count in tally.dropped.items():
            self._add(self._drops, "reason", reason, count)
        self._add(self._bytes, "direction", "read", result.bytes_read)
        self._add(self._bytes, "direction", "written", result.bytes_written)
        for step in STEPS:
            self._add(self._seconds, "step", step, result.seconds.get(step, 0.0))
        for wait in WAITS:
            self._add(self._waits, "wait", wait, result.seconds.get(wait, 0.0))

    def looked(self, waiting: int, crew: Crew) -> None:
        """How things stand now."""
        ready = crew.ready
        self._in_flight.set(sum(len(seat.runs) for seat in crew.seats), self._job)
        self._waiting.set(waiting, self._job)
        self._workers.set(ready, self._job)
        self._pending.set(len(crew.seats) - ready, self._job)
        self._silence.set(monotonic() - self._last, self._job)

    def _add(self, counter: Counter, tag: str, value: str, amount: float) -> None:
        if amount > 0:
            counter.inc(amount, {**self._job, tag: value})

    def _counter(self, name: str, about: str, tag: str) -> Counter:
        return Counter(f"pixelmill_{name}", about, ("output", tag))

    def _gauge(self, name: str, about: str) -> Gauge:
        return Gauge(f"pixelmill_{name}", about, ("output",))
