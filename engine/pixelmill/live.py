"""Live: what a running task has done so far, for whoever watches it, and may give it up."""

from dataclasses import dataclass, field
from time import perf_counter

from pixelmill.clock import Clock
from pixelmill.hands import Hands
from pixelmill.loan import Loan
from pixelmill.plan import Task
from pixelmill.statistics import Counts
from pixelmill.tally import Tally


@dataclass
class Live:
    """One run of a task.

    `step` is "open", "waiting" (for a core), "work" or "commit".  A `guarded` one has each sample
    in a process of its own; `hands` hold the samples of one that is not.  One that reads `apart`
    has its shards read by another process, too.  `abandoned`: somebody
    else does the task, and this run must not write another byte, should it ever come back.
    """

    task: Task
    guarded: bool = False
    apart: bool = False
    tally: Tally = field(default_factory=Tally)
    clock: Clock = field(default_factory=Clock)
    hands: Hands = field(default_factory=Hands)
    statistics: dict[str, Counts] = field(default_factory=dict)
    bytes_read: int = 0
    bytes_written: int = 0
    started: float = field(default_factory=perf_counter)
    step: str = "open"
    waits_since: float = 0.0
    waited: float = 0.0
    turns: int = 0
    abandoned: bool = False
    core: Loan | None = None

    def waits(self) -> None:
        """It has what it needs, and no core yet."""
        self.waits_since, self.step = perf_counter(), "waiting"

    def works(self) -> None:
        self.waited, self.step = perf_counter() - self.waits_since, "work"

    def abandon(self) -> None:
        """It hangs: another run begins, with its core and its memory."""
        self.abandoned = True
        self.hands.abandon()
        if self.core is not None:
            self.core.back()

    @property
    def busy(self) -> float:
        """Seconds so far, without those of waiting for a core."""
        now = perf_counter()
        waited = now - self.waits_since if self.step == "waiting" else self.waited
        return now - self.started - waited

    @property
    def moves(self) -> tuple[object, ...]:
        """What changes as long as the task goes on; a guard has a time limit of its own."""
        return self.step, self.tally.read, self.bytes_read, self.bytes_written, self.turns
