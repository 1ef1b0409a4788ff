"""Told: what happens to workers and tasks on Ray, in words."""

from typing import Any

from pixelmill.events import Event, Tell
from pixelmill.executors.seat import Run, Seat
from pixelmill.plan import Task


class Told:
    """Each event names the worker and the node, and the task and its shard where it is of one."""

    def __init__(self, tell: Tell) -> None:
        self._tell = tell

    def plainly(self, name: str, message: str) -> None:
        self._tell({"event": name, "message": message})

    def by_worker(self, seat: Seat, events: list[Event]) -> None:
        for event in events:
            self._tell({"worker": seat.name, "node": seat.node} | event)

    def joined(self, seat: Seat) -> None:
        self._of("worker_joined", seat, f"worker {seat.name} has joined")

    def lost(self, seat: Seat, said: str) -> None:
        tasks = ", ".join(run.task.id for run in seat.runs) or "none"
        message = f"worker {seat.name} on node {seat.node[:12]} ended {said}; its tasks: {tasks}"
        self._of("worker_lost", seat, message)

    def late(self, first: Run, second: Run, now: float) -> None:
        seconds = max(first.busy, now - first.moved)
        message = (
            f"{_about(first.task)} takes {seconds:.0f} s already on worker {first.seat.name} of "
            f"node {first.seat.node[:12]}; it is run on worker {second.seat.name}, too"
        )
        self._of("straggler", first.seat, message, first.task)

    def stalled(self, run: Run, what: str) -> None:
        message = (
            f"{_about(run.task)} {what} on worker {run.seat.name} of node {run.seat.node[:12]}; "
            "it is run again elsewhere"
        )
        self._of("stalled", run.seat, message, run.task)

    def guarded(self, run: Run) -> None:
        message = (
            f"{_about(run.task)} is run again, each sample in a process of its own: its workers "
            "died"
        )
        self._of("guarded", run.seat, message, run.task)

    def moved(self, run: Run, failed: Exception) -> None:
        message = f"{failed}; it is tried once more, on another node than {run.seat.node[:12]}"
        self._of("moved", run.seat, message, run.task)

    def _of(self, name: str, seat: Seat, message: str, task: Task | None = None) -> None:
        facts: dict[str, Any] = {"event": name, "worker": seat.name, "node": seat.node}
        if task is not None:
            facts |= {"task": task.id, "shard": task.where}
        self._tell({**facts, "message": message})


def cause(error: BaseException) -> str:
    """The line of Ray's message that says why: the facts about the actor come before it."""
    lines = [line for line in str(error).splitlines() if line and not line.startswith("\t")]
    return lines[1] if len(lines) > 1 else lines[0] if lines else type(error).__name__


def last_words(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else "no word"


def _about(task: Task) -> str:
    return f"task {task.id} ({task.where})"
