"""Blame: what is held against each task, and what becomes of it then."""

from collections import Counter
from collections.abc import Callable, Collection

from pixelmill.errors import TaskFailed
from pixelmill.executors.seat import Run

# Workers that may die of a task; from the second on its samples are guarded, so that what kills
# them is not one of those.
ATTEMPTS = 3
# Workers that may be lost under a task by no fault of its own: nodes that go, others' memory.
LOSSES = 10


class Blame:
    """A task is a suspect once its worker died of it, or was lost under it twice."""

    def __init__(self) -> None:
        self._faults: Counter[str] = Counter()
        self._losses: Counter[str] = Counter()
        self._moved: set[str] = set()

    def lost(self, run: Run, said: str, guilty: bool) -> bool | TaskFailed:
        """Whether the task is a suspect from now on; TaskFailed where it is given up."""
        counts, most = (self._faults, ATTEMPTS) if guilty else (self._losses, LOSSES)
        counts[run.task.id] += 1
        times = counts[run.task.id]
        if times >= most:
            ended = "died" if guilty else "was lost"
            return TaskFailed(
                f"task {run.task.id}: its worker {ended} {times} times, the last time {said}"
            )
        return guilty or run.alone or times > 1

    def goes_elsewhere(
        self, run: Run, failed: TaskFailed, nodes: Callable[[], Collection[str]]
    ) -> bool:
        """Whether a task that failed is tried on another node, once: it may be this one's fault."""
        if not failed.elsewhere or run.task.id in self._moved:
            return False
        if not set(nodes()) - {run.seat.node}:
            return False
        self._moved.add(run.task.id)
        return True
