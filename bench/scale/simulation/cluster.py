"""Cluster: nodes that come, are slow, and go; what they share; and Ray, as the executor sees it."""

import random
from collections import Counter, deque
from collections.abc import Callable
from itertools import count
from math import isfinite
from typing import Any

from ray.exceptions import ActorDiedError

from bench.scale.simulation.actor import Actor, Node
from bench.scale.simulation.inbox import VirtualInbox
from bench.scale.simulation.parameters import Parameters
from bench.scale.simulation.pipe import Pipe
from bench.scale.simulation.world import World
from pixelmill.executors.needs import fits
from pixelmill.job import Job, WorkerNeeds
from pixelmill.plan import Task

MEMORY = 4 * 2**30  # of a node, for each core


class SimulatedCluster:
    """What pixelmill.executors.cluster.Cluster wants, in a world of its own.

    `committed` counts how often each task was, `lost` the core seconds of work that went with
    nodes, `preempted` the nodes.
    """

    def __init__(self, facts: Parameters, world: World) -> None:
        self.facts, self.world = facts, world
        self.committed: Counter[str] = Counter()
        self.preempted = 0
        self.bytes, self.requests = Pipe(facts.bandwidth), Pipe(facts.requests)
        self._head = Pipe(facts.joins_a_second)
        self._random = random.Random(facts.seed)
        self._names = count()
        self._nodes: list[Node] = []
        self._slots: deque[Node] = deque()
        self._pending: deque[Actor] = deque()
        self._needs = WorkerNeeds()
        slow = round(facts.slow_share * facts.nodes)
        for number in range(facts.nodes):
            self._nodes.append(self._new_node(number < slow))

    # What the executor calls: the driver's own time stands still meanwhile.

    def now(self) -> float:
        self.world.pause()
        self.world.resume()
        return self.world.driver_now

    def inbox(self) -> VirtualInbox:
        return VirtualInbox(self.world)

    def nodes(self) -> list[dict[str, Any]]:
        self.world.pause()
        self.world.costs(self.facts.node_listing * len(self._nodes))
        found = [_told(node, self.facts.cores) for node in self._nodes if not node.known_gone]
        self.world.resume()
        return found

    def resources(self) -> dict[str, float]:
        return {"CPU": float(self.facts.cores * len(self._nodes))}

    def starter(self, job: Job, worker: type, needs: WorkerNeeds, room: int) -> Callable[[], Actor]:
        each = fits(_told(self._nodes[0], self.facts.cores)["Resources"], needs)
        self._needs = needs
        for _ in range(each):  # each node has one before any has two
            self._slots.extend(self._nodes)
        return self._start

    def kill(self, actor: Actor) -> None:
        self.world.pause()
        self.world.costs(self.facts.call_seconds)
        self.world.at(self.world.driver_now + self.facts.trip, lambda: self._killed(actor))
        self.world.resume()

    def leave(self) -> None: ...

    # What happens in the world.

    def done(self, task: Task, node: Node | None, guarded: bool, now: float) -> float:
        """When a worker that begins to work on a task now is done with it."""
        facts = self.facts
        assert node is not None, "a worker works on some node"
        noise = self._random.lognormvariate(0.0, facts.noise) if facts.noise else 1.0
        times = node.slow * noise * (facts.guard_times if guarded else 1.0)
        asked = facts.io_bytes / facts.a_request
        return max(
            now + facts.work_seconds * times,
            node.card.take(facts.io_bytes, now),
            self.bytes.take(facts.io_bytes, now),
            self.requests.take(asked, now),
        )

    def _start(self) -> Actor:
        self.world.pause()
        self.world.costs(self.facts.call_seconds)
        actor = Actor(self, f"worker-{next(self._names)}")
        self.world.at(self.world.driver_now + self.facts.trip, lambda: self._place(actor))
        self.world.resume()
        return actor

    def _place(self, actor: Actor) -> None:
        while self._slots and self._slots[0].gone:
            self._slots.popleft()
        if not self._slots:
            self._pending.append(actor)
            return
        node = self._slots.popleft()
        node.actors.add(actor)
        started = self._head.take(1, self.world.now) + self.facts.join_seconds
        self.world.at(started, lambda: actor.placed(node))

    def _killed(self, actor: Actor) -> None:
        node = next((node for node in self._nodes if actor in node.actors), None)
        actor.die(None)
        if node is not None and not node.gone:
            node.actors.discard(actor)
            self._freed([node])

    def _freed(self, slots: list[Node]) -> None:
        """Room for so many workers more; those that wait for some are placed."""
        self._slots.extend(slots)
        waiting, self._pending = self._pending, deque()
        for actor in waiting:
            if not actor.dead:
                self._place(actor)

    def _new_node(self, slow: bool) -> Node:
        facts = self.facts
        times = facts.slow_times if slow else 1.0
        node = Node(f"node-{next(self._names)}", Pipe(facts.card), times)
        if isfinite(facts.lifetime):
            lives = self._random.expovariate(1 / facts.lifetime)
            self.world.after(lives, lambda: self._preempt(node))
        return node

    def _preempt(self, node: Node) -> None:
        self.preempted += 1
        node.gone = True
        for actor in node.actors:
            actor.die(None)
        unnoticed = 0.0 if self.facts.notice else self.facts.unnoticed
        self.world.after(unnoticed, lambda: self._known_gone(node))
        self.world.after(max(0.0, self.facts.boot - self.facts.notice), self._replace)

    def _known_gone(self, node: Node) -> None:
        node.known_gone = True
        self._nodes.remove(node)
        for actor in node.actors:
            actor.die(ActorDiedError())

    def _replace(self) -> None:
        node = self._new_node(self._random.random() < self.facts.slow_share)
        self._nodes.append(node)
        self._freed([node] * fits(_told(node, self.facts.cores)["Resources"], self._needs))


def _told(node: Node, cores: int) -> dict[str, Any]:
    """As Ray tells of one."""
    has = {"CPU": float(cores), "memory": float(cores * MEMORY)}
    return {"NodeID": node.id, "Alive": True, "Resources": has}
