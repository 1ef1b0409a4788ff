"""Crew: the actors of a job, as many as the cluster has room for, at any time."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

from pixelmill.executors import in_flight
from pixelmill.executors.cluster import Cluster
from pixelmill.executors.needs import fits, needs_of
from pixelmill.executors.seat import Seat
from pixelmill.job import Job


class Crew:
    """The seats, those that wait for a node among them; whatever they say comes out of `heard`.

    `free` are those that may take another task: who begins one looks through few seats, not all.
    """

    def __init__(self, job: Job, cluster: Cluster, worker: type) -> None:
        self.seats: list[Seat] = []
        self.free: dict[Seat, None] = {}  # in the order in which they became free
        self.heard = cluster.inbox()
        self._cluster = cluster
        self._wanted = job.executor.workers
        self.needs = needs_of(job, cluster.nodes())
        self._room = in_flight(job, self.needs.cpus)
        self._start = cluster.starter(job, worker, self.needs, self._room)

    @property
    def ready(self) -> int:
        return sum(seat.ready for seat in self.seats)

    def nodes(self) -> set[str]:
        """Those that have a worker which is ready."""
        return {seat.node for seat in self.seats if seat.ready}

    def room(self, there: list[dict[str, Any]]) -> int:
        """How many workers there should be, given the cluster's nodes.

        At least one, even where none fits: an autoscaler sees what it should make room for.
        """
        if self._wanted is not None:
            return self._wanted
        return max(1, sum(fits(node["Resources"], self.needs) for node in there))

    def grow(self, most: int, joined: Callable[[Seat, Future[Any]], Any]) -> None:
        """Actors up to `most`; of those that wait for a node, the surplus is given up."""
        for _ in range(most - len(self.seats)):
            seat = Seat(self._start(), self._room)
            self.seats.append(seat)
            self.ask(seat, seat.actor.hello.remote(), joined)
        for seat in [seat for seat in self.seats if not seat.ready][: len(self.seats) - most]:
            self.dismiss(seat)

    def freed(self, seat: Seat) -> None:
        """One of its tasks has ended, or it is ready for its first ones."""
        if not seat.dead:
            self.free[seat] = None

    def keep_free(self) -> None:
        """Those that have got all they have room for are free no more."""
        self.free = {seat: None for seat in self.free if seat.takes_more}

    def dismiss(self, seat: Seat) -> None:
        """End a worker, whether it answers or not."""
        seat.dead = True
        self.seats.remove(seat)
        self.free.pop(seat, None)
        self._cluster.kill(seat.actor)

    def ask(self, about: Any, answer: Any, tell: Callable[[Any, Future[Any]], Any]) -> None:
        """Have `tell(about, future)` heard once the answer is there; nothing waits for it.

        A wait on all answers together would look at each of them for every one that comes.
        """
        answer.future().add_done_callback(lambda future: self.heard.put((tell, about, future)))
