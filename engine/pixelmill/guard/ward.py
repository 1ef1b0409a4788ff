"""Ward: one child process, as its guard sees it: asked about samples, and ended when it must be."""

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from pixelmill.errors import PixelmillError, SampleError
from pixelmill.guard.process import Process
from pixelmill.guard.talk import Facts, packed, packed_sample, unpacked, unpacked_outcome
from pixelmill.journey import Outcome
from pixelmill.memory import PixelBudget
from pixelmill.sample import Sample

# s for a child to import the pipeline: 1 to 2 on an idle machine.
STARTS_WITHIN = 120.0


@dataclass(frozen=True, slots=True)
class Asking:
    """How a sample is asked about: with what time and memory, and who may stop it all.

    `look` is called while an answer is waited for; what it raises ends the child.
    """

    seconds: float
    budget: PixelBudget
    look: Callable[[], None]
    alone: bool = False


class Ward:
    """A process that has imported the pipeline of a job."""

    def __init__(self, job: dict[str, Any]) -> None:
        self._process = Process("child")
        self._job: dict[str, Any] | None = job

    def ask(self, sample: Sample, asking: Asking) -> Outcome:
        """What becomes of the sample; SampleError where that was the end of the process."""
        try:
            self._start(asking)
            with ExitStack() as lent:
                return self._answer(sample, asking, lent)
        except (EOFError, OSError):
            raise self._process.ended() from None

    def end(self) -> None:
        self._process.close()

    def _start(self, asking: Asking) -> None:
        """Ready for samples; PixelmillError where it cannot be."""
        if self._job is None:
            return
        try:
            self._process.send(json.dumps(self._job).encode())
            facts, _ = unpacked(self._process.hear(STARTS_WITHIN, asking.look))
            said = facts.get("unfit")
        except (EOFError, OSError, SampleError):
            said = "it ended, or hung, before it was asked anything"
        if said:
            raise PixelmillError(f"executor.isolate: the process for single samples: {said}")
        self._job = None

    def _answer(self, sample: Sample, asking: Asking, lent: ExitStack) -> Outcome:
        self._process.send(packed_sample(sample))
        seconds = asking.seconds
        while True:
            facts, blobs = unpacked(self._process.hear(seconds, asking.look))
            if "compiles" in facts:  # a kernel, which is no work on this sample
                seconds = max(asking.seconds, STARTS_WITHIN * facts["compiles"])
            elif "wants" in facts:
                lent.enter_context(asking.budget.lent(self._wanted(facts, asking)))
                self._process.send(packed({}))
            else:
                return unpacked_outcome(facts, blobs, sample)

    def _wanted(self, facts: Facts, asking: Asking) -> int:
        return asking.budget.size if asking.alone else int(facts["wants"])
