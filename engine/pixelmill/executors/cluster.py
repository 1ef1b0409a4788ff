"""Cluster: all that an executor wants of the machines it runs on, and of time."""

from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Protocol

from pixelmill.job import Job, WorkerNeeds

Heard = tuple[Callable[[Any, Future[Any]], Any], Any, Future[Any]]
"""Whom to tell, of whom, and the answer."""


class Inbox(Protocol):
    """Where answers come in: the only place in which an executor waits."""

    def put(self, heard: Heard) -> None: ...

    def get(self, *, timeout: float) -> Heard:
        """The next one; queue.Empty after `timeout` seconds without any."""

    def get_nowait(self) -> Heard:
        """The next one; queue.Empty where there is none."""


class Cluster(Protocol):
    """Nodes, which come and go, and actors on them.

    An actor's methods are called as `actor.method.remote(...)`; what that returns has a `future()`.
    """

    def now(self) -> float:
        """Seconds that never go back."""

    def inbox(self) -> Inbox: ...

    def nodes(self) -> list[dict[str, Any]]:
        """Those that are alive: each with its NodeID, and its Resources by name."""

    def resources(self) -> dict[str, float]:
        """What all nodes have together."""

    def starter(self, job: Job, worker: type, needs: WorkerNeeds, room: int) -> Callable[[], Any]:
        """What starts an actor of this class, for `room` tasks at once, on some node or other."""

    def kill(self, actor: Any) -> None: ...

    def leave(self) -> None:
        """Nothing more is wanted of it."""
