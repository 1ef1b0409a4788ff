"""Work: the tasks that the exchange does itself; a worker lends it a core, and commits."""

from collections import Counter
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

from pixelmill import storage
from pixelmill.clock import Clock
from pixelmill.exchange.gather import Gathering
from pixelmill.exchange.map import RunMap
from pixelmill.exchange.stage import Gather
from pixelmill.exchange.survey import survey
from pixelmill.job import Job
from pixelmill.lease import Claim
from pixelmill.plan import Task
from pixelmill.tally import Tally


class Hands(Protocol):
    """What is asked of a worker."""

    job: Job

    def claim(self, task: Task) -> Claim: ...

    def alone(self, task: Task) -> bool: ...

    def core(self, task: Task) -> AbstractContextManager[object]: ...

    def look(self, task: Task) -> None: ...

    def runs(self, output: str) -> RunMap: ...


@dataclass(slots=True)
class Made:
    """What a task came to; `facts` are what its record says beside the counts and the times."""

    facts: Mapping[str, Any]
    tally: Tally = field(default_factory=Tally)
    seconds: Mapping[str, float] = field(default_factory=dict)
    bytes_read: int = 0


def done_by_exchange(worker: Hands, task: Task) -> Made | None:
    """Gather a shard, or tell where the samples of a task lie; None where neither is its work."""
    if isinstance(task, Gather):
        return _gathered(worker, task)
    if worker.job.surveys and not task.retries and len(task.parts) == 1:
        return _surveyed(worker, task)
    return None


def _gathered(worker: Hands, task: Gather) -> Made:
    job, waits = worker.job, Clock()
    spec = next(output for output in job.outputs if output.name == task.output)
    name = f"{spec.name}-{task.number:06d}"
    runs = worker.runs(spec.name)
    with ExitStack() as undo:
        gathering = Gathering(job, spec, runs, storage.join(job.output, name))
        undo.callback(lambda: gathering.abort() if worker.alone(task) else gathering.drop())
        with worker.core(task):
            waits.lap("open")
            gathering.fill(task.start, task.stop, lambda: worker.look(task))
        worker.claim(task).expect_kept()
        waits.skip()
        shard = gathering.close(name)
        waits.lap("commit")
        undo.pop_all()
    tally = Tally()
    if gathering.renamed:
        tally.notes["key_renamed"] = gathering.renamed
    facts = {
        "shards": (shard,),
        "gathers": task.output,
        "left_out": task.left_out,
        "repeated": task.repeated,
        "left_out_by": dict(task.left_out_by),
    }
    return Made(facts, tally, gathering.clock.seconds | waits.seconds, gathering.bytes_read)


def _surveyed(worker: Hands, task: Task) -> Made | None:
    """The run of a task whose samples are copied from where they are; None where they cannot be."""
    with worker.core(task):
        run = survey(worker.job, task.id, task.parts[0].url)
    if run is None:
        return None
    tally = Tally(run.samples, run.samples, outputs=Counter({run.output: run.samples}))
    return Made({"runs": (run,)}, tally)
