"""Crew: the actors of a job, as many as the cluster has room for, at any time."""

import sys
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any

from pixelmill import storage
from pixelmill.executors import in_flight
from pixelmill.executors.needs import fits, needs_of
from pixelmill.executors.ray_cluster import nodes, ray
from pixelmill.executors.ray_worker import RayWorker
from pixelmill.executors.seat import Seat
from pixelmill.job import Job, WorkerNeeds

Heard = tuple[Callable[[Any, Future[Any]], Any], Any, Future[Any]]
"""Whom to tell, of whom, and the answer."""


class Crew:
    """The seats, those that wait for a node among them; whatever they say comes out of `heard`."""

    def __init__(self, job: Job, worker: type = RayWorker) -> None:
        self.seats: list[Seat] = []
        self.heard: SimpleQueue[Heard] = SimpleQueue()
        self._wanted = job.executor.workers
        self.needs = needs_of(job, nodes())
        self._facts = ray.put(job.model_dump(mode="json"))
        self._room = in_flight(job, self.needs.cpus)
        self._class = _actor_class(worker, self.needs, self._room)

    @property
    def ready(self) -> int:
        return sum(seat.ready for seat in self.seats)

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
            actor = self._class.remote(self._facts, storage.configured(), sys.path)
            seat = Seat(actor, self._room)
            self.seats.append(seat)
            self.ask(seat, actor.hello.remote(), joined)
        for seat in [seat for seat in self.seats if not seat.ready][: len(self.seats) - most]:
            self.dismiss(seat)

    def dismiss(self, seat: Seat) -> None:
        """End a worker, whether it answers or not."""
        seat.dead = True
        self.seats.remove(seat)
        ray.kill(seat.actor)

    def ask(self, about: Any, answer: Any, tell: Callable[[Any, Future[Any]], Any]) -> None:
        """Have `tell(about, future)` heard once the answer is there; nothing waits for it.

        A wait on all answers together would look at each of them for every one that comes.
        """
        answer.future().add_done_callback(lambda future: self.heard.put((tell, about, future)))


def _actor_class(worker: type, needs: WorkerNeeds, room: int) -> Any:
    options: dict[str, Any] = {
        "num_cpus": needs.cpus,
        "memory": needs.memory,
        "resources": dict(needs.resources) or None,
        # Threads for the tasks, one for pulses, one for what else it is told.
        "max_concurrency": room + 2,
        # Few workers on many nodes have more network between them.
        "scheduling_strategy": "SPREAD",
    }
    return ray.remote(**options)(worker)
