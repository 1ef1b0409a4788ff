"""Seat: a place where tasks are run, and what runs on it."""

from dataclasses import dataclass, field
from typing import Any

from pixelmill.executors.progress import Progress
from pixelmill.plan import Task


@dataclass(eq=False, slots=True)
class Run:
    """One run of one task on one seat; a task may have two, and the first to commit counts.

    `moves` is what was last seen of its counters and `moved` when they last changed; `busy` are its
    seconds without those of waiting for a core.  One that runs `alone` may have killed
    a worker, and is guarded.
    """

    task: Task
    seat: "Seat"
    moved: float
    alone: bool = False
    dismissed: bool = False
    moves: tuple[object, ...] = ()
    busy: float = 0.0
    done: Progress = field(default_factory=Progress)

    def seen(self, moves: tuple[object, ...], busy: float, done: Progress, now: float) -> None:
        """What its worker says of it."""
        if moves != self.moves or moves[0] == "waiting":
            self.moves, self.moved = moves, now
        self.busy, self.done = busy, done


@dataclass(eq=False, slots=True)
class Seat:
    """A worker, as its executor sees it: `room` is for so many tasks at once.

    `asked` is when it was asked how its tasks are, for as long as it has not answered.
    """

    actor: Any
    room: int
    node: str = ""
    name: str = ""
    ready: bool = False
    dead: bool = False
    asked: float | None = None
    runs: list[Run] = field(default_factory=list)

    @property
    def takes_more(self) -> bool:
        if not self.ready or self.dead or len(self.runs) >= self.room:
            return False
        return not any(run.alone for run in self.runs)
