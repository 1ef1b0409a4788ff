"""Actor: a worker that takes simulated time; the driver talks to it as to one of Ray's."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench.scale.driver import record_of
from bench.scale.simulation.pipe import Pipe
from bench.scale.simulation.promise import Promise
from pixelmill.executors.progress import Progress
from pixelmill.executors.ray_worker import Answer, Pulse
from pixelmill.plan import Task

if TYPE_CHECKING:
    from bench.scale.simulation.cluster import SimulatedCluster


@dataclass(eq=False)
class Node:
    """A machine; `slow` times as slow as most.  A slot is room for one worker."""

    id: str
    card: Pipe
    slow: float = 1.0
    gone: bool = False
    known_gone: bool = False
    actors: "set[Actor]" = field(default_factory=set)


@dataclass(eq=False, slots=True)
class Doing:
    """One run, as its worker has it: opens its shard, waits for the core, works, commits."""

    task: Task
    guarded: bool
    promise: Promise
    begun: float
    step: str = "open"
    step_begun: float = 0.0
    waited: float = 0.0
    over: bool = False


class _Method:
    """`actor.name.remote(...)`, which costs the driver a call of Ray's."""

    def __init__(self, cluster: "SimulatedCluster", does: Callable[..., object]) -> None:
        self._cluster, self._does = cluster, does

    def remote(self, *words: Any) -> Promise:
        world, promise = self._cluster.world, Promise()
        world.pause()
        world.costs(self._cluster.facts.call_seconds)
        arrives = world.driver_now + self._cluster.facts.trip
        world.at(arrives, lambda: self._does(promise, *words))
        world.resume()
        return promise


class Actor:
    """One core of a node, and the tasks that wait for it, open or commit meanwhile."""

    def __init__(self, cluster: "SimulatedCluster", name: str) -> None:
        self._cluster, self._world, self.name = cluster, cluster.world, name
        self.node: Node | None = None
        self.dead = False
        self._hello: Promise | None = None
        self._unanswered: set[Promise] = set()
        self._doing: dict[str, Doing] = {}
        self._waiting: deque[Doing] = deque()
        self._working: Doing | None = None
        self.hello, self.run, self.pulse = (
            _Method(cluster, does) for does in (self._greet, self._run, self._pulse)
        )
        self.dismiss, self.halt = (_Method(cluster, does) for does in (self._dismiss, self._halt))

    def placed(self, node: Node) -> None:
        """It has a place, and has started there."""
        if not node.gone and not self.dead:
            self.node = node
            if self._hello is not None:
                self._answer(self._hello, (node.id, self.name))

    def die(self, error: BaseException | None) -> None:
        """It does nothing more; `error` is what the driver hears of it, if it hears anything."""
        self.dead = True
        for doing in self._doing.values():
            doing.over = True
        if error is not None:
            for promise in list(self._unanswered):
                promise.keep(error=error)

    def _greet(self, promise: Promise) -> None:
        self._unanswered.add(promise)
        self._hello = promise
        if self.node is not None:
            self._answer(promise, (self.node.id, self.name))

    def _run(self, promise: Promise, task: Task, guarded: bool) -> None:
        self._unanswered.add(promise)
        if self.dead:
            return
        doing = Doing(task, guarded, promise, self._world.now)
        self._doing[task.id] = doing
        facts = self._cluster.facts
        through = self._cluster.requests.take(facts.task_requests, self._world.now)
        opened = max(through, self._world.now + facts.open_trips * facts.latency)
        self._world.at(opened, lambda: self._opened(doing))

    def _opened(self, doing: Doing) -> None:
        if not doing.over:
            doing.step, doing.step_begun = "waiting", self._world.now
            self._waiting.append(doing)
            self._take_next()

    def _take_next(self) -> None:
        while self._working is None and self._waiting:
            doing = self._waiting.popleft()
            if not doing.over:
                self._work(doing)

    def _work(self, doing: Doing) -> None:
        now = self._world.now
        self._working, doing.step = doing, "work"
        doing.waited, doing.step_begun = now - doing.step_begun, now
        done = self._cluster.done(doing.task, self.node, doing.guarded, now)
        self._world.at(done, lambda: self._worked(doing))

    def _worked(self, doing: Doing) -> None:
        if doing.over:
            return
        doing.step, self._working = "commit", None
        facts = self._cluster.facts
        self._world.after(facts.commit_trips * facts.latency, lambda: self._committed(doing))
        self._take_next()

    def _committed(self, doing: Doing) -> None:
        if doing.over:
            return
        self._end(doing)
        self._cluster.committed[doing.task.id] += 1
        seconds = self._world.now - doing.begun - doing.waited
        record = record_of(doing.task, self.name, self._cluster.facts.a_shard, seconds)
        self._answer(doing.promise, Answer(record, []))

    def _dismiss(self, promise: Promise, task: str) -> None:
        doing = self._doing.get(task)
        if doing is not None and not self.dead:
            self._end(doing)
            self._answer(doing.promise, Answer(None, []))
            self._take_next()

    def _halt(self, promise: Promise) -> None:
        for task in list(self._doing):
            self._dismiss(promise, task)

    def _end(self, doing: Doing) -> None:
        doing.over = True
        del self._doing[doing.task.id]
        if self._working is doing:
            self._working = None

    def _pulse(self, promise: Promise) -> None:
        self._unanswered.add(promise)
        now, tasks = self._world.now, {}
        for doing in self._doing.values():
            waits = doing.step == "waiting"
            busy = now - doing.begun - (now - doing.step_begun if waits else doing.waited)
            tasks[doing.task.id] = (doing.step, now), busy, Progress(tasks=1)
        self._answer(promise, Pulse(tasks))

    def _answer(self, promise: Promise, value: Any) -> None:
        def arrives() -> None:
            self._unanswered.discard(promise)
            promise.keep(value)

        if not self.dead:
            self._world.after(self._cluster.facts.trip, arrives)
