"""Progress: a live line while a job runs; plain lines where there is no terminal."""

import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from time import monotonic
from types import TracebackType

from rich.console import Console, Group
from rich.live import Live
from rich.markup import escape
from rich.progress_bar import ProgressBar
from rich.table import Table

from pixelmill.clock import STEPS, shares
from pixelmill.events import Event
from pixelmill.executors import Executor
from pixelmill.executors import Progress as Done
from pixelmill.ledger import Record
from pixelmill.plan import Plan, Task
from pixelmill.run import Watch

# Events that a person would want to know of while it runs.
SHOWN = {
    *("guarded", "lease_left", "no_worker", "not_swept", "stalled"),
    *("straggler", "waiting", "worker_lost"),
}
REFRESH = 0.5  # s between two looks; a plain line comes every tenth


class Silence(Watch):
    """Shows nothing."""

    def __enter__(self) -> "Silence":
        return self

    def __exit__(self, *_: object) -> None: ...


class Progress(Watch):
    """Counts what is done and what the running tasks have done, and shows it twice a second."""

    def __init__(self, console: Console | None = None) -> None:
        self.console = console or Console(stderr=True)
        self._lock = threading.Lock()
        self._done = Done()
        self._ask: Callable[[], Done] = Done
        self._tasks = self._bytes = self._bytes_done = self._skipped = 0
        self._workers, self._kind, self._start = 1, "", monotonic()
        self._stop = threading.Event()
        self._live: Live | None = None
        self._thread = threading.Thread(target=self._look, daemon=True, name="progress")

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        if self._live is not None:
            self._live.update(self._line(self._now()), refresh=True)
            self._live.stop()

    def planned(self, plan: Plan, done: Iterable[Record]) -> None:
        records = list(done)
        self._tasks, self._bytes = len(plan.tasks), plan.bytes
        self._skipped = len(records)
        self._bytes_done = sum(part.size for record in records for part in record.parts)
        self._bytes_before = self._bytes_done
        if records:
            self.console.print(f"{len(records)} of {self._tasks} tasks are done already; going on.")

    def gathering(self, tasks: Sequence[Task]) -> None:
        self._tasks += len(tasks)
        self.console.print(f"All samples are ready; {len(tasks)} shards are gathered from them.")

    def started(self, executor: Executor) -> None:
        self._workers, self._kind = executor.workers, executor.kind
        self._start = monotonic()
        if self.console.is_terminal:
            self._live = Live(console=self.console, auto_refresh=False, transient=False)
            self._live.start()
        self._thread.start()

    def live(self, ask: Callable[[], Done]) -> None:
        self._ask = ask

    def finished(self, record: Record) -> None:
        tally = record.tally
        with self._lock:
            self._bytes_done += sum(part.size for part in record.parts)
            self._done.add(
                Done(
                    tally.read,
                    tally.written,
                    tally.dropped.total(),
                    tally.quarantined.total(),
                    record.bytes_read,
                    record.bytes_written,
                    1,
                    record.seconds,
                )
            )

    def failed(self, message: str) -> None:
        self.console.print(f"[red]failed:[/] {escape(message)}", highlight=False, soft_wrap=True)

    def event(self, event: Event) -> None:
        if event["event"] in SHOWN:
            told = escape(event["message"])  # names of members and files are anyone's
            self.console.print(f"[yellow]{event['event']}:[/] {told}", soft_wrap=True)

    def _now(self) -> Done:
        with self._lock:
            now = Done()
            now.add(self._done)
        running = self._ask()
        running.tasks = 0
        now.add(running)
        return now

    def _look(self) -> None:
        looks = 0
        while not self._stop.wait(REFRESH):
            looks += 1
            if self._live is not None:
                self._live.update(self._line(self._now()), refresh=True)
            elif looks % 10 == 0:
                print(self._text(self._now()), file=sys.stderr, flush=True)

    def _line(self, now: Done) -> Group:
        grid = Table.grid(padding=(0, 1))
        bar = ProgressBar(total=1.0, completed=self._share(now), width=24)
        grid.add_row(bar, self._speed(now))
        return Group(grid, self._counts(now))

    def _share(self, now: Done) -> float:
        """How much of the input's bytes is done; a running task's are guessed from what it read."""
        if self._skipped + self._done.tasks >= self._tasks:
            return 1.0
        stored = self._bytes_done - self._bytes_before
        # Samples hold more bytes than a compressed shard, and fewer than a tar.
        ratio = stored / self._done.bytes_read if self._done.bytes_read else 1.0
        running = min((now.bytes_read - self._done.bytes_read) * ratio, self._bytes)
        return min(0.99, (self._bytes_done + running) / max(self._bytes, 1))

    def _text(self, now: Done) -> str:
        return f"{self._speed(now)} · {self._counts(now)}"

    def _speed(self, now: Done) -> str:
        seconds = max(monotonic() - self._start, 1e-6)
        share, before = self._share(now), self._bytes_before / max(self._bytes, 1)
        rest = seconds * (1 - share) / (share - before) if share > before else 0.0
        parts = [
            f"{share:4.0%}",
            f"{now.read / seconds:,.0f} images/s",
            f"{now.bytes_read / seconds / 1e6:.0f} MB/s in",
            f"{now.bytes_written / seconds / 1e6:.0f} out",
            "done"
            if share >= 1
            else f"{_time(rest)} to go"
            if share > before + 0.01
            else "starting",
        ]
        return " · ".join(parts)

    def _counts(self, now: Done) -> str:
        found = shares(now.seconds, 0.0)
        step = max(STEPS, key=lambda name: found[name])
        parts = [
            f"{self._skipped + now.tasks} of {self._tasks} tasks",
            f"{now.read:,} read",
            f"{now.dropped:,} dropped",
            f"{now.quarantined:,} quarantined",
            *([f"most time: {step} {found[step]:.0%}"] if now.seconds else ()),
        ]
        return " · ".join(parts)


def _time(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"
