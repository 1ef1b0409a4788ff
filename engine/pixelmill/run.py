"""Run: all of a job; plan, what the ledger says is done, the rest on an executor, the manifest."""

import platform
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from importlib.metadata import PackageNotFoundError, version
from time import perf_counter
from types import ModuleType
from typing import Any

import pixelmill
from pixelmill import storage
from pixelmill.clock import shares, verdict
from pixelmill.errors import BudgetExceeded, TaskFailed
from pixelmill.estimate import check_room
from pixelmill.events import Event
from pixelmill.exchange.stage import all_gathers, clear, lost_runs, second_stage
from pixelmill.executors import Executor, Progress, open_executor
from pixelmill.job import Job
from pixelmill.labels import expect_tables, prepare
from pixelmill.lease import Lease, held
from pixelmill.ledger import Ledger, Record, total
from pixelmill.manifest import write_manifest
from pixelmill.plan import Plan, Task, make_plan
from pixelmill.shelf import Shelf
from pixelmill.splits import Leaks, decide, expect_names
from pixelmill.tally import Tally

# A fraction of the first few samples says nothing about the rest.
BUDGET_FROM = 1000


@dataclass
class Report:
    """How a run ended.

    `tally` is of the whole output, `done` tasks of `tasks`; `records` are those of this run, which
    took `seconds` on `workers`, and `known` those of all tasks that it saw done.  `failed` tells of
    tasks that could not be done, `damaged` of input shards that broke off.
    `leaks` tells of what is on two sides of a split; it is `leaking` where the job forbids that.
    """

    output: str
    tasks: int
    done: int = 0
    tally: Tally = field(default_factory=Tally)
    known: Shelf[Record] = field(default_factory=Shelf, repr=False)
    ran: list[str] = field(default_factory=list, repr=False)
    failed: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)
    over_budget: str = ""
    leaks: list[str] = field(default_factory=list)
    leaking: bool = False
    interrupted: bool = False
    executor: str = "inline"
    workers: int = 1
    seconds: float = 0.0
    version: str = ""

    @property
    def records(self) -> list[Record]:
        return list(self._records())

    def _records(self) -> Iterator[Record]:
        return (self.known[task] for task in self.ran)

    @property
    def complete(self) -> bool:
        return self.done == self.tasks and not self.failed

    @property
    def exit_code(self) -> int:
        """0 done; 1 done with too much in quarantine, or failed; 130 interrupted."""
        if self.interrupted:
            return 130
        wrong = self.over_budget or self.damaged or self.leaking
        return 0 if self.complete and not wrong else 1

    @property
    def images_per_second(self) -> float:
        return sum(record.tally.read for record in self._records()) / max(self.seconds, 1e-9)

    @property
    def step_seconds(self) -> dict[str, float]:
        """The workers' seconds by step, and the tasks' seconds of opening and committing."""
        seconds: dict[str, float] = {}
        for record in self._records():
            for step, spent in record.seconds.items():
                seconds[step] = seconds.get(step, 0.0) + spent
        return seconds

    def shares(self) -> dict[str, float]:
        """The share of the workers' time by step."""
        return shares(self.step_seconds, self.workers * self.seconds)

    @property
    def verdict(self) -> str:
        """Where the time went, in one sentence."""
        return verdict(self.shares(), self.step_seconds) if self.ran else ""

    def to_json(self) -> dict[str, Any]:
        found = self.shares()
        return {
            "output": storage.masked(self.output),
            "complete": self.complete,
            "interrupted": self.interrupted,
            "exit_code": self.exit_code,
            "version": self.version,
            "tasks": self.tasks,
            "tasks_done": self.done,
            "tally": self.tally.to_json(),
            "failed": self.failed,
            "damaged": self.damaged,
            "over_budget": self.over_budget,
            "leaks": self.leaks,
            "executor": self.executor,
            "workers": self.workers,
            "seconds": round(self.seconds, 3),
            "images_per_second": round(self.images_per_second, 1),
            "bytes_read": sum(record.bytes_read for record in self._records()),
            "bytes_written": sum(record.bytes_written for record in self._records()),
            "peak_rss": max((record.peak_rss for record in self._records()), default=0),
            "shares": {step: round(share, 4) for step, share in found.items()},
            "verdict": self.verdict,
        }


class Watch:
    """Told how a run goes on; the base class looks on in silence."""

    def planned(self, plan: Plan, done: Iterable[Record]) -> None: ...

    def started(self, executor: Executor) -> None: ...

    def gathering(self, tasks: Sequence[Task]) -> None:
        """The samples are exchanged; these tasks put them into their shards."""

    def finished(self, record: Record) -> None: ...

    def failed(self, message: str) -> None: ...

    def event(self, event: Event) -> None:
        """What happened beside that: a worker lost, a sample in quarantine ...; from any thread."""

    def live(self, ask: Callable[[], Progress]) -> None:
        """`ask()` tells what the running tasks have done so far, whenever it is called."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a run has before it: the tasks of a plan that are done, those to do, and the folder."""

    plan: Plan
    done: Shelf[Record]
    todo: Sequence[Task]
    lease: Lease


def run(job: Job, watch: Watch | None = None, only_new: bool = False) -> Report:
    """Do what is missing of the job, nothing twice, and say how it went.

    `only_new` takes inputs that were added since into a folder that holds this job, as tasks behind
    the others.  JobError, OutputInUse and StorageError where it cannot begin, LeaseLost where
    another run took the folder meanwhile; whatever a sample, a shard or a
    task does is in the report.  Ctrl-C stops it cleanly: the report says `interrupted`.

    This process has no supervisor, as `pixelmill run` has one: inline, a decoder that crashes ends
    it, unless `executor.isolate` is "always".
    """
    watch = watch or Watch()
    plan = make_plan(job)
    expect_tables(job)
    expect_names(job)
    with held(job.output, watch.event) as lease:
        ledger = Ledger(job.output)
        plan = ledger.begin(job, plan, versions(), only_new)
        storage.sweep(job.output)
        done = ledger.records()
        lost = lost_runs(job, plan.tasks, done)
        todo = [task for task in plan.tasks if task.id not in done or task.id in lost]
        if job.source.labels:
            said = prepare(job)
            if job.source.labels.tells_classes:
                plan = replace(plan, about={**plan.about, "classes": said["classes"]})
            if said.get("dataset"):
                plan = replace(plan, about={**plan.about, "dataset": said["dataset"]})
        decide(job, plan)
        if todo:
            check_room(job, replace(plan, tasks=tuple(todo)))
        watch.planned(plan, [done[task.id] for task in plan.tasks if task.id in done])
        report = execute(resolved(job, plan), Work(plan, done, todo, lease), watch)
        lease.expect_kept()
        return finish(job, plan, ledger, report)


def resolved(job: Job, plan: Plan) -> Job:
    """The job with what the plan found out, so that no worker has to find it out again."""
    kind = plan.about.get("kind", job.source.kind)
    return job.model_copy(update={"source": job.source.model_copy(update={"kind": kind})})


def execute(job: Job, work: Work, watch: Watch) -> Report:
    """Do what is to do; what each task came to is in the report."""
    plan = work.plan
    report = Report(job.output, len(plan.tasks))
    records, tally = Shelf(work.done), total(work.done.values())
    report.known = records
    start = perf_counter()
    try:
        with ExitStack() as opened:
            executor: Executor | None = None
            for stage in _stages(job, plan, work.todo, records, watch):
                if executor is None:
                    executor = opened.enter_context(open_executor(job, stage, watch.event))
                    report.executor, report.workers = executor.kind, executor.workers
                    watch.started(executor)
                    watch.live(executor.live)
                ours = [replace(task, lease=work.lease.number) for task in stage]
                for result in executor.results(ours):
                    # One addition a task: of all, a hundred thousand tasks would take hours.
                    again = isinstance(result, Record) and result.task in records
                    if work.lease.is_lost or isinstance(result, TaskFailed):
                        work.lease.expect_kept()
                    _take(result, report, records, watch)
                    if isinstance(result, Record):
                        again = again or bool(result.retries)
                        tally = total(records.values()) if again else tally + result.tally
                    _check_budget(job, tally, len(records) >= len(plan.tasks))
                report.workers = executor.workers  # more may have joined
    except BudgetExceeded as error:
        report.over_budget = str(error)
    except KeyboardInterrupt:
        report.interrupted = True
    finally:
        watch.live(Progress)
    report.seconds = perf_counter() - start
    return report


def _stages(
    job: Job, plan: Plan, todo: Sequence[Task], records: Shelf[Record], watch: Watch
) -> Iterator[Sequence[Task]]:
    """The tasks to do; where all of them are done, those that gather what was exchanged."""
    if todo:
        yield todo
    if all(task.id in records for task in plan.tasks):
        gathers = second_stage(job, records)
        if gathers:
            _check_budget(job, total(records.values()), True)
            watch.gathering(gathers)
            yield gathers


def _take(
    result: Record | TaskFailed, report: Report, records: Shelf[Record], watch: Watch
) -> None:
    if isinstance(result, Record):
        records[result.task] = result
        report.ran.append(result.task)
        watch.finished(result)
    else:
        report.failed.append(str(result))
        watch.failed(str(result))


def finish(job: Job, plan: Plan, ledger: Ledger, report: Report) -> Report:
    """What the ledger says now; the manifest, once every task is in it."""
    records = ledger.records(report.known)
    ids = {task.id for task in plan.tasks}
    if ids <= records.keys():
        ids |= {task.id for task in all_gathers(job, records.values())}
    report.tasks = len(ids)
    report.done = len(ids & records.keys())
    report.tally = total(records.values())
    report.damaged = [said for record in records.values() for said in record.damaged]
    try:
        _check_budget(job, report.tally, True)
    except BudgetExceeded as error:
        report.over_budget = report.over_budget or str(error)
    if ids <= records.keys():
        facts = write_manifest(job, plan, records.values())
        report.version = facts["version"]
        if job.split and job.split.leaks != "off":
            report.leaks = Leaks.from_json(facts["split"]).told()
            report.leaking = bool(report.leaks) and job.split.leaks == "fail"
        clear(job)
    return report


def _check_budget(job: Job, tally: Tally, whole: bool) -> None:
    """BudgetExceeded where more is in quarantine than `max_failures` allows."""
    failed, allowed = tally.quarantined.total(), job.max_failures
    if allowed < 1 and not whole and tally.read < BUDGET_FROM:
        return
    limit = allowed if isinstance(allowed, int) or allowed >= 1 else allowed * tally.read
    if failed > limit:
        share = f"{allowed:.2%} of {tally.read}" if allowed < 1 else f"{allowed:g}"
        reasons = ", ".join(
            f"{reason} {count}" for reason, count in tally.quarantined.most_common(3)
        )
        raise BudgetExceeded(
            f"{failed} samples are in quarantine ({reasons}), and the job allows {share}; look "
            f"into {storage.masked(job.output)}/quarantine, then mend the input or raise "
            "max_failures and run it again"
        )


def versions() -> dict[str, str]:
    """The versions that wrote an output."""
    names = ("numpy", "numba", "pillow", "simplejpeg", "pyarrow", "ray")
    found = {"version": pixelmill.__version__, "python": platform.python_version()}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


class _CallableModule(ModuleType):
    """Lets `pixelmill.run(job)` and `from pixelmill.run import Report` stand side by side."""

    def __call__(self, job: Job, watch: Watch | None = None, only_new: bool = False) -> Report:
        return run(job, watch, only_new)


sys.modules[__name__].__class__ = _CallableModule
