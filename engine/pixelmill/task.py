"""Task: one task from its input shards to its commit record, or nothing of it at all."""

import os
import resource
import socket
import sys
import threading
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from functools import partial
from itertools import chain, islice
from time import perf_counter
from typing import Any

from pixelmill.clock import Clock
from pixelmill.errors import InputMissing, PixelmillError, ShardError, TaskFailed
from pixelmill.events import Tell, untold
from pixelmill.exchange.map import RunMap, read_map
from pixelmill.exchange.runs import Run, open_runs
from pixelmill.exchange.work import done_by_exchange
from pixelmill.failpoint import reach
from pixelmill.guard import Guard, Reading
from pixelmill.job import Job
from pixelmill.job import Output as OutputSpec
from pixelmill.journey import Outcome, Written
from pixelmill.labels import Join, Matched, OwnJoin, join_of
from pixelmill.lanes import in_order
from pixelmill.lease import Claim
from pixelmill.ledger import Ledger, Record
from pixelmill.live import Live
from pixelmill.loan import Loan
from pixelmill.outputs import Output, open_output
from pixelmill.pipeline import Pipeline, tallied
from pixelmill.plan import Task, source_of
from pixelmill.quarantine import Quarantine, without_why
from pixelmill.sample import Failure, Sample
from pixelmill.sources import Part, Source, open_source
from pixelmill.splits import Marks
from pixelmill.statistics import Counts
from pixelmill.storage import masked, scrubbed


class Stopped(PixelmillError):
    """The task was told to stop; nothing of it is left."""


class Worker:
    """Runs tasks of one job, each on a thread of its caller's.

    `cores` of them work on samples at once.  The others wait for storage meanwhile: a task opens
    its shard and reads ahead before it gets a core, and gives the core back before its shards are
    made durable.

    Another worker may run the same task at the same time unless this one is the `sole` one: then a
    task that ends badly leaves its whole shards, because the same names may by now be the other's,
    with the same bytes, and committed.  `dismissed` are the ids of tasks to be given up.

    A task that is run `guarded` loses no more to a crash, a hang or a want of memory than the
    sample that it was in, or what lies behind that place of a shard where it was in the reader.
    """

    def __init__(
        self,
        job: Job,
        stop: threading.Event | None = None,
        cores: int = 1,
        sole: bool = True,
        tell: Tell = untold,
    ) -> None:
        self.job, self.sole, self.tell = job, sole, tell
        self.dismissed: set[str] = set()
        self.pipeline = Pipeline(job)
        self.ledger = Ledger(job.output)
        self.stop = stop or threading.Event()
        self.live: dict[str, Live] = {}
        self._cores = threading.Semaphore(cores)
        self._guard = Guard(job, self.pipeline.budget)
        self._runs: dict[str, RunMap] = {}
        self._source: Source | None = None
        self._join: Join | OwnJoin | None = None

    def __call__(self, task: Task, lanes: int = 1, guarded: bool = False) -> Record:
        """Do the task, commit it, and return its record; `lanes` threads share its samples.

        TaskFailed, with what went wrong, where it could not be done; Stopped where it was stopped.
        """
        guarded = guarded or self.job.executor.isolate == "always"
        live = Live(task, guarded=guarded and not self.job.untouched, apart=guarded)
        self.live[task.id] = live
        try:
            return self._exchanged(live) or _Run(self, live, lanes).to_record()
        except Stopped:
            raise
        except Exception as error:  # around one task: the others go on
            kind = "" if isinstance(error, PixelmillError) else f"{type(error).__name__}: "
            # A full disk, a broken driver: whatever is not known for a fault of the input.
            elsewhere = not isinstance(error, InputMissing | TaskFailed)
            said = f"task {task.id}: {kind}{scrubbed(str(error))}"
            raise TaskFailed(said, elsewhere) from error
        finally:
            if not live.abandoned:  # its id is another run's by now
                self.live.pop(task.id, None)
                self.dismissed.discard(task.id)

    def close(self) -> None:
        """End the processes that the guard keeps for the next sample; no guarded task may run."""
        self._guard.close()

    def answering(self, live: Live) -> Callable[[Sample | Failure], Outcome]:
        """What answers for the samples of a task: the pipeline, here or behind a guard."""
        if not live.guarded:
            return partial(self.pipeline, hands=live.hands)

        return self._guard.pipeline(partial(self._look_in_turn, live))

    def reading(self, live: Live) -> Callable[[Part], Iterator[Sample | Failure]]:
        """What reads the parts of a task: its source, here or in another process."""
        if not live.apart:
            return self.source(live.task).read
        return Reading(
            self.job.model_dump(mode="json"),
            of_source=not live.task.retries,
            seconds=self.job.executor.stall,
            look=partial(self._look_in_turn, live),
        )

    def _look_in_turn(self, live: Live) -> None:
        """As `look`; whoever watches the task sees that it goes on."""
        live.turns += 1
        self.look(live.task)

    def _exchanged(self, live: Live) -> Record | None:
        """The record of a task that the exchange does without a pipeline; None of another."""
        made = done_by_exchange(self, live.task)
        if made is None:
            return None
        live.tally, live.bytes_read = made.tally, made.bytes_read
        record = Record(**_facts(live, made.seconds), **made.facts)
        return self.commit(live.task, record)

    def claim(self, task: Task) -> Claim:
        return Claim(self.job.output, task.lease)

    def alone(self, task: Task) -> bool:
        """Whether no one else may write the names of this task now."""
        return self.sole and self.claim(task).kept

    def commit(self, task: Task, record: Record) -> Record:
        """Write the record, unless another run has taken the folder meanwhile."""
        reach("record.put")
        self.claim(task).expect_kept()
        self.ledger.commit(record)
        reach("record.there")
        return record

    @contextmanager
    def core(self, task: Task) -> Iterator[Loan]:
        """One of the cores, once one is free; Stopped where the job is stopped first."""
        while not self._cores.acquire(timeout=0.2):
            self.look(task)
        core = Loan(self._cores.release)
        try:
            self.look(task)
            yield core
        finally:
            core.back()

    def look(self, task: Task) -> None:
        """Stopped where the job, or this task, was told to stop."""
        if self.stop.is_set() or task.id in self.dismissed:
            raise Stopped(f"task {task.id} was stopped")

    def runs(self, output: str) -> RunMap:
        """The map of an output's runs, read once."""
        if output not in self._runs:
            self._runs[output] = read_map(self.job.output, output)
        return self._runs[output]

    def joined(
        self, samples: Iterator[Sample | Failure], matched: Matched
    ) -> Iterator[Sample | Failure]:
        """The samples with what the job's tables say of them."""
        if self._join is None:
            self._join = join_of(self.job)
        return self._join.samples(samples, matched) if self._join else samples

    def source(self, task: Task) -> Source:
        if task.retries:
            urls, most = [part.url for part in task.parts], self.job.source.max_sample
            return open_source(urls, "webdataset", max_sample=most)
        if self._source is None:
            self._source = source_of(self.job.source)
        return self._source


class _Run:
    """One run of one task."""

    def __init__(self, worker: Worker, live: Live, lanes: int) -> None:
        self.worker, self.live, self.task, self.lanes = worker, live, live.task, lanes
        self.damaged: list[str] = []
        self.matched = Matched()
        self.marks = Marks(worker.job.output, live.task.id)
        self.waits = Clock()  # what passed while the task had no core

    def to_record(self) -> Record:
        with ExitStack() as undo:
            outputs = {
                spec.name: _opened(self.worker.job, spec, self.task)
                for spec in self.worker.job.outputs
            }
            quarantine = Quarantine(self.worker.job.output, self.task.id)
            written: list[Output | Quarantine | Marks] = [*outputs.values(), quarantine, self.marks]
            for one in written:
                undo.callback(self._undo, one)
            with closing(self._samples()) as samples:
                opened = list(islice(samples, 1))  # from here on its shard is read ahead
                self.waits.lap("open")
                self.live.waits()
                with self.worker.core(self.task) as self.live.core:
                    self.live.works()
                    self._write(chain(opened, samples), outputs, quarantine)
            self._look()
            self.worker.claim(self.task).expect_kept()
            self.live.step = "commit"
            self.waits.skip()
            self.live.tally.notes.update(self.matched.notes)
            shards = [s for output in outputs.values() for s in output.close()]
            kept = quarantine.close()
            self.marks.close()
            if self.worker.job.source.labels:
                self.matched.write(self.worker.job.output, self.task.id)
            self.waits.lap("commit")
            if not self.live.tally.balances:
                raise TaskFailed(f"the sums disagree, nothing was committed: {self.live.tally}")
            undo.pop_all()
        record = Record(
            **_facts(self.live, self.live.clock.seconds | self.waits.seconds),
            shards=tuple(shard for shard in shards if not shard.name.endswith(Run.suffix)),
            runs=tuple(shard for shard in shards if shard.name.endswith(Run.suffix)),
            quarantine=kept,
            damaged=tuple(self.damaged),
            retries=self.task.retries,
            changes=dict(self.task.changes),
            statistics={name: dict(found) for name, found in self.live.statistics.items() if found},
        )
        return self.worker.commit(self.task, record)

    def _look(self) -> None:
        if self.live.abandoned:
            raise Stopped(f"task {self.task.id} is done by another run")
        self.worker.look(self.task)

    def _undo(self, made: Output | Quarantine | Marks) -> None:
        """Whole shards may by now be those of another run."""
        alone = self.worker.alone(self.task) and not self.live.abandoned
        (made.abort if alone else made.drop)()

    def _write(
        self,
        samples: Iterator[Sample | Failure],
        outputs: dict[str, Output],
        quarantine: Quarantine,
    ) -> None:
        live = self.live
        outcomes = in_order(self.worker.answering(live), samples, self.lanes)
        live.clock.skip()
        for what in tallied(outcomes, live.tally, live.clock):
            self._look()
            live.clock.skip()
            if isinstance(what, Failure):
                quarantine.add(what)
                why = {"key": what.key, "reason": what.reason}
                self._tell("quarantined", what.where, what.message, **why)
            else:
                self._add(outputs, what)
            live.clock.lap("write")

    def _add(self, outputs: dict[str, Output], what: Written) -> None:
        for sample in what.samples.values():
            self.marks.add(sample.key, what.mark)
        for name, sample in what.samples.items():
            outputs[name].add(sample, None, sample.image_field)
            self.live.statistics.setdefault(name, Counts()).update(what.counts.get(name, {}))
            reach("task.sample")
            self.live.bytes_written += len(sample.fields.get(sample.image_field, b""))

    def _samples(self) -> Generator[Sample | Failure, None, None]:
        """What the parts hold; the time that each next one takes is reading, waiting included.

        The first one is not charged to it: no core waits for that.
        """
        read = self.worker.reading(self.live)
        reading, first = Clock(), True
        for part in self.task.parts:
            samples = read(part)
            samples = without_why(samples) if self.task.retries else samples
            samples = self.worker.joined(samples, self.matched)
            try:
                while True:
                    self._look()
                    reading.skip()
                    sample = next(samples, None)
                    if not first:
                        reading.lap("read")
                    first = False
                    if sample is None:
                        break
                    self.live.bytes_read += sum(map(len, sample.fields.values()))
                    reach("task.read")
                    yield sample
            except ShardError as error:
                self.damaged.append(scrubbed(str(error)))
                self._tell("damaged", part.url, self.damaged[-1])
        self.live.clock.add(reading)

    def _tell(self, event: str, shard: str, message: str, **more: str) -> None:
        facts = {"event": event, "task": self.task.id, "shard": masked(shard), "message": message}
        self.worker.tell(facts | more)


def _facts(live: Live, seconds: Mapping[str, float]) -> dict[str, Any]:
    """What every record tells of its task and its worker."""
    return {
        "task": live.task.id,
        "parts": live.task.parts,
        "tally": live.tally,
        "bytes_read": live.bytes_read,
        "seconds": {step: round(s, 6) for step, s in seconds.items()},
        "wall": round(perf_counter() - live.started, 6),
        "peak_rss": peak_rss(),
        "worker": f"{socket.gethostname()}:{os.getpid()}",
    }


def _opened(job: Job, spec: OutputSpec, task: Task) -> Output:
    if job.exchanges(spec) and not task.retries:
        return open_runs(job, spec, task.id)
    return open_output(
        spec.format,
        job.output,
        spec.name,
        _names(spec, task),
        samples=spec.shards.samples,
        bytes=spec.shards.bytes,
        index=spec.index,
        empty=not task.retries,
    )


def _names(spec: OutputSpec, task: Task) -> Callable[[int], str]:
    """train-000003, or train-000003-000, -001 ... where a task's output may fill several shards."""
    stem = f"{spec.name}-{task.id}"
    if spec.shards.samples is None and spec.shards.bytes is None:
        return lambda _: stem
    return lambda part: f"{stem}-{part:03d}"


def peak_rss() -> int:
    """The largest resident memory of this process so far, in bytes."""
    unit = 1 if sys.platform == "darwin" else 1024  # getrusage(2) counts bytes there, KiB here
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
