"""Log: a JSON line for each event of a run: what, when, and its job, task, shard, key, worker."""

import json
import re
import sys
import threading
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, TextIO

from pixelmill.errors import PixelmillError
from pixelmill.events import Event
from pixelmill.executors import Executor, Progress
from pixelmill.ledger import Record
from pixelmill.plan import Plan, Task
from pixelmill.run import Report, Watch

_TASK = re.compile(r"task (\S+?):")


class Log(Watch):
    """Adds the lines to a file, "-" for standard error; all of it is told to `beside`, too."""

    def __init__(self, path: str, beside: Watch) -> None:
        self._beside, self._job = beside, ""
        self._lock = threading.Lock()
        self._stream = _opened(path)

    def __enter__(self) -> "Log":
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not sys.stderr:
            self._stream.close()

    def planned(self, plan: Plan, done: Iterable[Record]) -> None:
        done = list(done)
        self._job = plan.fingerprint[:12]
        self._line("begun", tasks=len(plan.tasks), done=len(done), bytes=plan.bytes)
        self._beside.planned(plan, done)

    def started(self, executor: Executor) -> None:
        self._line("started", executor=executor.kind, workers=executor.workers)
        self._beside.started(executor)

    def finished(self, record: Record) -> None:
        tally = record.tally
        self._line(
            "committed",
            task=record.task,
            shard=Task(record.task, record.parts).where,
            worker=record.worker,
            read=tally.read,
            written=tally.written,
            dropped=dict(tally.dropped),
            quarantined=dict(tally.quarantined),
            bytes_read=record.bytes_read,
            bytes_written=record.bytes_written,
            seconds=record.seconds,
        )
        self._beside.finished(record)

    def failed(self, message: str) -> None:
        task = _TASK.match(message)
        self._line("failed", task=task[1] if task else "", message=message)
        self._beside.failed(message)

    def event(self, event: Event) -> None:
        facts = dict(event)
        self._line(facts.pop("event"), **facts)
        self._beside.event(event)

    def live(self, ask: Callable[[], Progress]) -> None:
        self._beside.live(ask)

    def ended(self, report: Report) -> None:
        """The last line: how it went."""
        facts = report.to_json()
        names = ("exit_code", "tasks", "tasks_done", "tally", "workers", "seconds", "version")
        self._line("ended", **{name: facts[name] for name in names})

    def _line(self, event: str, **facts: Any) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        line = json.dumps({"time": now, "event": event, "job": self._job, **facts}, default=str)
        with self._lock:  # workers tell, too
            self._stream.write(line + "\n")
            self._stream.flush()


def _opened(path: str) -> TextIO:
    if path == "-":
        return sys.stderr
    try:
        return open(path, "a", encoding="utf-8")
    except OSError as error:
        raise PixelmillError(f"--log {path}: cannot be written ({error.strerror})") from error
