"""Dispatch: which task runs on which seat, and again where it was lost, stuck or is late.

It knows neither Ray nor a clock: it is told the time, and what happened to seats and runs.
"""

from collections.abc import Callable, Collection, Iterable, Sequence
from heapq import heapify, heappop, heappush
from itertools import count

from pixelmill.errors import TaskFailed
from pixelmill.executors.blame import Blame
from pixelmill.executors.pace import Pace
from pixelmill.executors.seat import Run, Seat
from pixelmill.job import Stragglers
from pixelmill.ledger import Record
from pixelmill.plan import Task

# s that a task takes: below, what is known of it is too old before another seat could have it.
WORTH_MOVING = 3.0


class Dispatch:
    """The tasks of a job that are not done.

    A task that may have killed its worker is a suspect: it gets a seat for itself, so that it takes
    no other task with it, and its samples are guarded there.  One that was lost with its node is
    first in line again, and a suspect only when that happens twice.  One that failed by what may be
    the fault of a node is tried once on another.
    """

    def __init__(self, tasks: Sequence[Task], stragglers: Stragglers, stall: float) -> None:
        self.stragglers, self.stall = stragglers, stall
        self._waiting = list(reversed(tasks))
        self._suspects: list[Task] = []
        self._runs: dict[str, list[Run]] = {}
        self._elsewhere: list[tuple[Task, str]] = []  # not on that node again
        self._blame = Blame()
        self._pace = Pace()

    @property
    def left(self) -> int:
        """How many tasks are not done."""
        return self.waiting + len(self._runs)

    @property
    def waiting(self) -> int:
        """How many tasks run nowhere."""
        return len(self._waiting) + len(self._suspects) + len(self._elsewhere)

    def hand_out(
        self, seats: Iterable[Seat], now: float, nodes: Callable[[], Collection[str]] | None = None
    ) -> list[Run]:
        """The runs that begin now; the least busy seat comes first.

        `nodes()` are those that have seats, where `seats` are not all there are.
        """
        if not self.waiting:
            return []  # many seats are not looked through for nothing
        seats = list(seats)
        free = sorted((seat for seat in seats if seat.takes_more), key=lambda seat: len(seat.runs))
        begun = []
        while self._suspects and free and not free[0].runs:
            begun.append(self._begin(self._suspects.pop(), free.pop(0), now, alone=True))
        del free[: len(self._suspects)]  # they get nothing more until they are empty
        if self._elsewhere:
            there = nodes() if nodes else {seat.node for seat in seats if seat.ready}
            begun += self._hand_out_elsewhere(free, set(there), now)
        order = count()  # seats cannot be compared
        heap = [(len(seat.runs), next(order), seat) for seat in free]
        heapify(heap)
        while self._waiting and heap:
            seat = heappop(heap)[2]
            begun.append(self._begin(self._waiting.pop(), seat, now))
            if seat.takes_more:
                heappush(heap, (len(seat.runs), next(order), seat))
        return begun

    def _hand_out_elsewhere(self, free: list[Seat], nodes: set[str], now: float) -> list[Run]:
        """Tasks for seats of another node than that on which they failed, if there is one yet."""
        begun = []
        for task, node in list(self._elsewhere):
            seat = next((seat for seat in free if seat.node != node or nodes <= {node}), None)
            if seat is not None:
                self._elsewhere.remove((task, node))
                begun.append(self._begin(task, seat, now))
                if not seat.takes_more:
                    free.remove(seat)
        return begun

    def second_runs(self, seats: Iterable[Seat], now: float) -> list[tuple[Run, Run]]:
        """For seats with nothing to do: tasks that are late elsewhere, or wait there for a core.

        Each with its first run, which is dismissed where it only waited: nothing of it is lost.
        """
        idle = [seat for seat in seats if seat.takes_more and not seat.runs]
        begun: list[tuple[Run, Run]] = []
        for run in self._movable(now) if idle and not self.waiting else ():
            if not idle:
                break
            seat = next((s for s in idle if s.node != run.seat.node), idle[0])
            idle.remove(seat)
            if run.moves[:1] == ("waiting",):
                self._without(run)
                run.dismissed = True
            begun.append((self._begin(run.task, seat, now), run))
        return begun

    def _movable(self, now: float) -> list[Run]:
        """Runs of tasks that another seat would be done with earlier, worst first."""
        single = [runs[0] for runs in self._runs.values() if len(runs) == 1 and not runs[0].alone]
        found = [run for run in single if self._is_late(run, now)]
        slow = {run.seat for run in found}
        for run in single:
            if run.moves[:1] == ("waiting",) and run not in found:
                expected = self._pace.expects(run.task) or 0.0
                found += [run] if run.seat in slow or expected > WORTH_MOVING else []
        return sorted(found, key=lambda run: -run.busy)

    def _is_late(self, run: Run, now: float) -> bool:
        expected = self._pace.expects(run.task)
        if expected is None:
            return False
        # What a worker does not tell any more counts, too.
        seconds = max(run.busy, now - run.moved)
        return seconds > max(self.stragglers.after, self.stragglers.times * expected)

    def stuck(self, now: float) -> list[Run]:
        """The runs of which nothing has moved for too long."""
        runs = [run for runs in self._runs.values() for run in runs]
        return [run for run in runs if now - run.moved > self.stall]

    def answered(
        self,
        run: Run,
        answer: Record | TaskFailed | None,
        nodes: Callable[[], Collection[str]] = set,
    ) -> tuple[Record | TaskFailed | None, list[Run]]:
        """What the task came to, if that is known now, and the runs that are no longer needed.

        The answer of a run that was stopped is None.  `nodes()` are those that have seats, which
        are many and matter to few answers.
        """
        run.seat.runs.remove(run)
        others = self._without(run)
        if run.dismissed or (others and not isinstance(answer, Record)):
            return None, []
        if answer is None:
            self._waiting.append(run.task)
            return None, []
        if isinstance(answer, TaskFailed) and self._blame.goes_elsewhere(run, answer, nodes):
            self._elsewhere.append((run.task, run.seat.node))
            return None, []
        if isinstance(answer, Record):
            self._pace.add(run.task, sum(answer.seconds.values()))
        self._runs.pop(run.task.id, None)
        for other in others:
            other.dismissed = True
        return answer, others

    def lost(self, runs: Collection[Run], said: str, guilty: Collection[Run]) -> list[TaskFailed]:
        """These runs ended with their worker, by the fault of the `guilty`; what is given up."""
        failed = []
        for run in list(runs):
            run.seat.runs.remove(run)
            if run.dismissed or self._without(run):
                continue
            failed += self._again(run, said, run in guilty)
        return failed

    def _again(self, run: Run, said: str, guilty: bool) -> list[TaskFailed]:
        verdict = self._blame.lost(run, said, guilty)
        if isinstance(verdict, TaskFailed):
            return [verdict]
        (self._suspects if verdict else self._waiting).append(run.task)
        return []

    def _begin(self, task: Task, seat: Seat, now: float, alone: bool = False) -> Run:
        run = Run(task, seat, now, alone)
        seat.runs.append(run)
        self._runs.setdefault(task.id, []).append(run)
        return run

    def _without(self, run: Run) -> list[Run]:
        """The other runs of its task, from which it is taken out."""
        if run.dismissed:
            return []
        others = self._runs.get(run.task.id, [])
        others.remove(run)
        if not others:
            del self._runs[run.task.id]
        return others
