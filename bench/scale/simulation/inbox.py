"""Inbox: where the driver waits; meanwhile the world goes on."""

from collections import deque
from queue import Empty

from bench.scale.simulation.world import World
from pixelmill.executors.cluster import Heard


class VirtualInbox:
    """A queue whose timeout is in virtual seconds."""

    def __init__(self, world: World) -> None:
        self._world, self._heard = world, deque[Heard]()

    def put(self, heard: Heard) -> None:
        self._heard.append(heard)

    def get(self, *, timeout: float) -> Heard:
        self._world.waits()
        self._world.catch_up()
        self._world.sleep(self._world.driver_now + timeout, lambda: self._heard)
        return self._next()

    def get_nowait(self) -> Heard:
        self._world.waits()
        self._world.catch_up()
        return self._next()

    def _next(self) -> Heard:
        self._world.resume()
        if not self._heard:
            raise Empty
        return self._heard.popleft()
