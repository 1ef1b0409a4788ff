"""Ray: tasks on a cluster, or on a local one started for the job.

Workers are actors, and come and go with the nodes.  A worker that dies, hangs or does not answer is
replaced and its tasks are run again: nothing of them was visible before their commit, and should
one go on unseen, it writes the same bytes once more.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from concurrent.futures import Future
from queue import Empty

from pixelmill import storage
from pixelmill.errors import PixelmillError, StorageError, TaskFailed
from pixelmill.events import Tell, untold
from pixelmill.executors import Progress
from pixelmill.executors.cluster import Cluster
from pixelmill.executors.crew import Crew
from pixelmill.executors.dispatch import Dispatch
from pixelmill.executors.ray_cluster import (
    WORKER_DIED,
    ActorDiedError,
    OutOfMemoryError,
    RayCluster,
)
from pixelmill.executors.ray_metrics import Metrics
from pixelmill.executors.ray_told import Told, cause, last_words
from pixelmill.executors.ray_worker import Answer, Pulse, RayWorker
from pixelmill.executors.seat import Run, Seat
from pixelmill.job import Job
from pixelmill.ledger import Record
from pixelmill.plan import Task

Result = Record | TaskFailed

# s between two looks at nodes and workers, and how many of these are asked each second how they
# are: 200 answers cost the driver a tenth of a core.  A look through 4000 of them costs it 10 ms.
LOOK, ASKED_A_LOOK, WORKERS_A_LOOK = 1.0, 200, 4000
# s without an answer, after which a worker counts as lost.  Ray itself notices most losses within
# half a minute; what it does not notice is a node that is frozen, or cut off from the driver alone.
SILENCE = 60.0
# Workers that end before they have begun, in a row, before the job is given up.
FALSE_STARTS = 3
NO_WORKER = 60.0  # s between two complaints that there is none


class _Awake:
    """Seconds that this process was awake: one that was stopped blames no worker for it."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self.now, self._clock, self._last = 0.0, clock, clock()

    def look(self) -> float:
        last, self._last = self._last, self._clock()
        self.now += min(self._last - last, 2 * LOOK)
        return self.now


class RayExecutor:
    """As many workers as there is room for, and two tasks for each CPU, however many there are."""

    kind = "ray"

    def __init__(
        self,
        job: Job,
        tell: Tell = untold,
        worker: type = RayWorker,
        cluster: Cluster | None = None,
    ) -> None:
        self.job, self._told = job, Told(tell)
        self._cluster = cluster or RayCluster(job.executor)
        self._crew = Crew(job, self._cluster, worker)
        self.workers = self._crew.room(self._cluster.nodes())
        self._clock = _Awake(self._cluster.now)
        self._looked, self._complained, self._asked = -LOOK, 0.0, 0
        self._false_starts, self._untidy = 0, False
        self._results: list[Result] = []
        self._metrics = Metrics(job)

    def __enter__(self) -> "RayExecutor":
        return self

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        self._halt(10.0 if error is not None else 3.0)
        for seat in list(self._crew.seats):
            self._untidy |= bool(seat.runs)
            self._crew.dismiss(seat)
        self._cluster.leave()
        if self._untidy:
            self._sweep()

    def _halt(self, seconds: float) -> None:
        """Let running tasks undo what they wrote; what does not answer in time is ended by Ray."""
        busy = [seat for seat in self._crew.seats if seat.runs]
        for seat in busy:
            seat.actor.halt.remote()
        until = self._cluster.now() + seconds
        while any(seat.runs for seat in busy) and self._cluster.now() < until:
            self._hear(0.2)

    def _sweep(self) -> None:
        """What was ended in mid-write cleaned nothing up."""
        try:
            storage.sweep(self.job.output)
        except StorageError as error:  # the next run sweeps, too; this one is done
            self._told.plainly("not_swept", f"unfinished files may be left: {error}")

    def results(self, tasks: Sequence[Task]) -> Iterator[Result]:
        executor = self.job.executor
        self._dispatch = Dispatch(tasks, executor.stragglers, executor.stall)
        while self._dispatch.left:
            self._look()
            self._hand_out()
            self._hear(0.5)
            found, self._results = self._results, []
            yield from found
        self._count()

    def _hand_out(self) -> None:
        crew = self._crew
        begun = self._dispatch.hand_out(crew.free, self._clock.now, crew.nodes)
        for run in begun:
            self._begin(run)
        if begun:
            crew.keep_free()

    def _count(self) -> None:
        self.workers = max(self.workers, self._crew.ready)

    def live(self) -> Progress:
        """What the workers said last."""
        found = Progress()
        for seat in list(self._crew.seats):
            for run in list(seat.runs):
                found.add(run.done)
        return found

    def _hear(self, seconds: float) -> None:
        """All that was answered meanwhile; waits for one answer where there is none."""
        try:
            tell, about, answer = self._crew.heard.get(timeout=seconds)
            while True:
                tell(about, answer)
                tell, about, answer = self._crew.heard.get_nowait()
        except Empty:
            return

    def _begin(self, run: Run) -> None:
        guarded = run.alone and self.job.executor.isolate != "never"
        if guarded:
            self._told.guarded(run)
        self._crew.ask(run, run.seat.actor.run.remote(run.task, guarded), self._answered)

    def _answered(self, run: Run, answer: Future[Answer]) -> None:
        if run not in run.seat.runs:
            return  # given up before
        error = answer.exception()
        if isinstance(error, WORKER_DIED):
            self._died(run.seat, error)
        elif error is not None:
            self._lost([run], f"with {type(error).__name__}: {last_words(error)}", [run])
        else:
            said = answer.result()
            result, needless = self._dispatch.answered(run, said.what, self._crew.nodes)
            self._crew.freed(run.seat)
            self._told.by_worker(run.seat, said.events)
            if result is None and isinstance(said.what, TaskFailed) and not run.dismissed:
                self._told.moved(run, said.what)
            self._dismiss(needless)
            if result is not None:
                self._metrics.took(result)
                self._results.append(result)

    def _dismiss(self, runs: Collection[Run]) -> None:
        for run in runs:
            run.seat.actor.dismiss.remote(run.task.id)

    def _joined(self, seat: Seat, answer: Future[tuple[str, str]]) -> None:
        if seat.dead:
            return
        error = answer.exception()
        if error is None:
            seat.node, seat.name = answer.result()
            seat.ready, self._false_starts = True, 0
            self._crew.freed(seat)
            self._told.joined(seat)
            return
        self._crew.dismiss(seat)
        self._false_starts += not isinstance(error, OutOfMemoryError)  # the node's trouble
        if self._false_starts >= FALSE_STARTS and not self._crew.ready:
            raise PixelmillError(
                "executor: no worker starts on the cluster; the last one ended with "
                f"{last_words(error)}"
            )

    def _died(self, seat: Seat, error: BaseException) -> None:
        """Not the tasks' fault where the node went with it, or only the way to it is broken.

        Nor where the node was short of memory: Ray ends whichever worker is the latest.
        """
        innocent = (
            not isinstance(error, ActorDiedError)
            or error.preempted
            or any(words in str(error) for words in ("its node has died", "low on memory"))
            or seat.node not in {node["NodeID"] for node in self._cluster.nodes()}
        )
        guilty = () if innocent else tuple(seat.runs)
        self._end(seat, f"with {type(error).__name__}: {cause(error)}", guilty)

    def _end(self, seat: Seat, said: str, guilty: Collection[Run]) -> None:
        """A worker is no more, or shall be no more; its tasks go to others."""
        self._untidy |= bool(seat.runs)
        self._told.lost(seat, said)
        self._lost(seat.runs, said, guilty)
        if not seat.dead:
            self._crew.dismiss(seat)

    def _lost(self, runs: Collection[Run], said: str, guilty: Collection[Run]) -> None:
        for run in runs:
            self._crew.freed(run.seat)
        failed = self._dispatch.lost(runs, said, guilty)
        for one in failed:
            self._metrics.took(one)
        self._results += failed

    def _look(self) -> None:
        """Now and then: who joined, who left, who is silent, stuck or late."""
        now = self._clock.look()
        if now - self._looked < LOOK * max(1.0, len(self._crew.seats) / WORKERS_A_LOOK):
            return
        passed, self._looked = now - self._looked, now
        there = self._cluster.nodes()
        alive = {node["NodeID"] for node in there}
        for seat in [seat for seat in self._crew.seats if seat.ready]:
            if seat.node not in alive:
                self._end(seat, "with its node", ())
        self._crew.grow(min(self._crew.room(there), self._dispatch.left), self._joined)
        self._count()
        self._ask_some(round(ASKED_A_LOOK * passed / LOOK), now)
        self._look_for_trouble(now)
        self._complain(now)
        self._metrics.looked(self._dispatch.waiting, self._crew)

    def _ask_some(self, most: int, now: float) -> None:
        """So many workers, those whose turn it is; all of them where there are no more."""
        seats = self._crew.seats
        begin = self._asked if self._asked < len(seats) else 0
        self._asked = begin + most
        for seat in seats[begin : begin + most]:
            if seat.ready and seat.asked is None:
                seat.asked = now
                self._crew.ask(seat, seat.actor.pulse.remote(), self._pulsed)

    def _pulsed(self, seat: Seat, answer: Future[Pulse]) -> None:
        seat.asked = None
        error = answer.exception()
        if seat.dead:
            return
        if isinstance(error, WORKER_DIED):
            self._died(seat, error)
        elif error is None:
            pulse = answer.result()
            for run in seat.runs:
                if run.task.id in pulse.tasks:
                    run.seen(*pulse.tasks[run.task.id], self._clock.now)
            self._told.by_worker(seat, pulse.events)
            for run in [run for run in seat.runs if run.task.id in pulse.hung]:
                self._hung(run, pulse.hung[run.task.id])

    def _look_for_trouble(self, now: float) -> None:
        for seat in list(self._crew.seats):
            if seat.asked is not None and now - seat.asked > SILENCE:
                self._end(seat, f"since it has not answered for {SILENCE:.0f} s", ())
        for run in self._dispatch.stuck(now):
            if run in run.seat.runs:
                self._stalled(run, now)
        for second, first in self._dispatch.second_runs(self._crew.seats, now):
            if first.dismissed:
                self._dismiss([first])
            else:
                self._told.late(first, second, now)
            self._begin(second)

    def _stalled(self, run: Run, now: float) -> None:
        self._told.stalled(run, f"has not moved for {now - run.moved:.0f} s")
        self._end(run.seat, f"since nothing moved for {self.job.executor.stall:.0f} s", [run])

    def _hung(self, run: Run, key: str) -> None:
        seconds = f"{self.job.executor.sample_seconds:g} s"
        self._told.stalled(run, f"has had sample {key} in hand for more than {seconds}")
        self._end(run.seat, f"since a sample took more than {seconds}", [run])

    def _complain(self, now: float) -> None:
        if self._crew.ready:
            self._complained = now
        elif now - self._complained > NO_WORKER:
            self._complained = now
            needs = self._crew.needs.model_dump(mode="json", exclude_defaults=True)
            has = self._cluster.resources()
            self._told.plainly(
                "no_worker",
                f"no worker has started for {NO_WORKER:.0f} s; the cluster has {has} and a worker "
                f"asks for {needs or '1 CPU'}; waiting",
            )
