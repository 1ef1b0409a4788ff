"""guard: a pipeline whose samples are worked on in other processes, which may die of it.

A sample that crashes, hangs, or takes more memory than there is, costs its process and no more: it
is tried once more alone, in a new one, and is then a Failure like any other.  The bytes that are
written of all others are the same as without.
"""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from pixelmill.errors import SampleError
from pixelmill.guard.reading import Reading
from pixelmill.guard.ward import Asking, Ward
from pixelmill.job import Job
from pixelmill.journey import Outcome
from pixelmill.memory import PixelBudget
from pixelmill.sample import Failure, Sample

__all__ = ["FATAL", "MEMORY", "Guard", "Reading"]

MEMORY = "out_of_memory"
# The reasons of samples that would have ended their process.
FATAL = frozenset(["crashed", "timed_out", MEMORY])
_MEND = {
    "crashed": "mend or replace it, or update the decoder or the transform that it was in",
    "timed_out": "mend it, or raise executor.sample_seconds",
    MEMORY: "make it smaller, lower decode.max_pixels, or give more (executor.worker.memory)",
}


class Guard:
    """As many children as there are samples in hand at once; they serve one after the other."""

    def __init__(self, job: Job, budget: PixelBudget) -> None:
        self._job = job.model_dump(mode="json")
        self._seconds, self._budget = job.executor.sample_seconds, budget
        self._idle: list[Ward] = []
        self._lock = threading.Lock()
        # Children end with the thread that started them, so that one starts them all.
        self._starter: ThreadPoolExecutor | None = None

    def pipeline(self, look: Callable[[], None]) -> Callable[[Sample | Failure], Outcome]:
        """To be called as a Pipeline is; `look` may raise, to give a sample up."""
        asking = Asking(self._seconds, self._budget, look)
        return lambda found: self._outcome(found, asking)

    def close(self) -> None:
        """End the children that wait for samples."""
        with self._lock:
            idle, self._idle = self._idle, []
            starter, self._starter = self._starter, None
        for ward in idle:
            ward.end()
        if starter is not None:
            starter.shutdown()

    def _outcome(self, found: Sample | Failure, asking: Asking) -> Outcome:
        if isinstance(found, Failure):
            return Outcome(found)
        try:
            return self._ask(found, asking)
        except SampleError as first:
            try:
                return self._ask(found, replace(asking, alone=True))
            except SampleError as again:
                return Outcome(_failure(found, first, again))

    def _ask(self, sample: Sample, asking: Asking) -> Outcome:
        """The answer of a child, which serves on; a new one where the sample is tried alone."""
        ward = self._ward(fresh=asking.alone)
        served = False
        try:
            outcome = ward.ask(sample, asking)
            what = outcome.what
            if isinstance(what, Failure) and what.reason == MEMORY:
                raise SampleError(what.message, MEMORY)
            served = True
        finally:
            if served:
                with self._lock:
                    self._idle.append(ward)
            else:
                ward.end()
        return outcome

    def _ward(self, fresh: bool) -> Ward:
        with self._lock:
            if self._idle and not fresh:
                return self._idle.pop()
            if self._starter is None:
                self._starter = ThreadPoolExecutor(1, thread_name_prefix="guard")
            started = self._starter.submit(Ward, self._job)
        return started.result()


def _failure(found: Sample, first: SampleError, again: SampleError) -> Failure:
    before = "" if str(first) == str(again) else f" (before that, {first})"
    message = (
        f"{found.where} {found.key}: {again}, also when it was tried once more alone{before}; "
        f"{_MEND.get(again.reason, 'mend it')}"
    )
    return Failure(found.key, found.fields, again.reason, message, found.where)
