"""Clock: where the time of a task goes, step by step."""

from collections.abc import Mapping
from time import perf_counter

STEPS = ("read", "decode", "transforms", "compile", "encode", "write")
# What a task does without a core: it gets its shard's first bytes, and makes its shards durable.
WAITS = ("open", "commit")

ADVICE = {
    "read": "reading and its waiting: faster storage, or more workers to wait at once",
    "decode": "the decoder's own work: more cores, or decode.scale auto for far larger photographs",
    "transforms": "the transforms: fewer or cheaper ones, or more cores",
    "compile": "kernels being compiled, once on a machine, or loaded, once in a process",
    "encode": "the encoder's own work: more cores, or a lower quality or a cheaper format",
    "write": "writing and its waiting: faster storage for the output",
    "waiting": "cores that had nothing to do: fewer workers, or more input shards",
    "open": "cores that waited for the first bytes of a shard: faster storage, or larger shards",
    "commit": "cores that waited for shards to be made durable: faster storage for the output",
}


class Clock:
    """Seconds by step; `lap(step)` charges the time since the last lap to it."""

    __slots__ = ("_last", "seconds")

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._last = perf_counter()

    def lap(self, step: str) -> None:
        now = perf_counter()
        self.seconds[step] = self.seconds.get(step, 0.0) + now - self._last
        self._last = now

    def skip(self) -> None:
        """What has passed since the last lap is charged to nothing."""
        self._last = perf_counter()

    def move(self, seconds: float, step: str, to: str) -> None:
        """Charge `seconds` of a step to another one."""
        self.seconds[step] -= seconds
        self.seconds[to] = self.seconds.get(to, 0.0) + seconds

    def add(self, other: "Clock") -> None:
        for step, seconds in other.seconds.items():
            self.seconds[step] = self.seconds.get(step, 0.0) + seconds


def shares(seconds: Mapping[str, float], workers_seconds: float) -> dict[str, float]:
    """The share of the workers' time that each step took; the rest is waiting."""
    total = max(workers_seconds, sum(seconds.get(step, 0.0) for step in STEPS), 1e-9)
    found = {step: seconds.get(step, 0.0) / total for step in STEPS}
    return {**found, "waiting": max(0.0, 1.0 - sum(found.values()))}


def verdict(found: Mapping[str, float], seconds: Mapping[str, float]) -> str:
    """One sentence: which step the time goes into, and what would help.

    `seconds` tell apart what idle cores waited for: what tasks did meanwhile that had no core.
    """
    step = max(found, key=lambda name: found[name])
    advice = ADVICE[step]
    if step == "waiting":
        wait = max(WAITS, key=lambda name: seconds.get(name, 0.0))
        # Tasks open and commit beside others that work, so most of it cost no core anything.
        if seconds.get(wait, 0.0) > sum(seconds.get(name, 0.0) for name in STEPS) / 2:
            advice = ADVICE[wait]
    return f"{step}: {found[step]:.0%} of the workers' time is {advice}"
