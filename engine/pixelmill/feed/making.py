"""Making: from the samples of a plan to batches, on threads, in order."""

import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

from pixelmill.clock import Clock
from pixelmill.codecs import array
from pixelmill.errors import BudgetExceeded, JobError, ShardError
from pixelmill.feed.batch import Batch, batch_of
from pixelmill.feed.memory import Memory
from pixelmill.feed.pages import Pages, Place
from pixelmill.hands import Hands
from pixelmill.job import Job
from pixelmill.journey import Branch, Journey, Outcome, Written
from pixelmill.lanes import in_order
from pixelmill.pipeline import Pipeline, tallied
from pixelmill.plan import Plan, source_of
from pixelmill.sample import Drop, Failure, Sample
from pixelmill.storage import scrubbed
from pixelmill.tally import Tally

KEPT = 2  # pieces of memory that wait: the caller gives one back for each batch that is begun


@dataclass(slots=True)
class Counted:
    """What became of samples, and what there is to tell of them."""

    tally: Tally = field(default_factory=Tally)
    failures: list[str] = field(default_factory=list)
    damaged: list[str] = field(default_factory=list)


class Making:
    """The batches of one epoch of a job."""

    def __init__(
        self, job: Job, plan: Plan, size: int, workers: int, epoch: int, drop_last: bool
    ) -> None:
        self.job, self.plan, self.size, self.workers = job, plan, size, workers
        self.drop_last = drop_last
        self.pipeline = Pipeline(job, copy=epoch)
        self.pages = Pages(size, Memory(KEPT))
        self.hands = Hands()
        self.counted, self.sum = Counted(), Tally()

    def batches(self, stop: threading.Event) -> Generator[tuple[Batch | None, Counted], None, None]:
        """Each batch with what was counted since the one before; at last None, with the rest."""
        rows: list[Sample] = []
        for sample in self._kept(stop):
            rows.append(sample)
            if len(rows) == self.size:
                yield batch_of(self.pages.done(), rows), self._count()
                rows = []
        if rows and not self.drop_last:
            yield batch_of(self.pages.done(), rows), self._count()
        elif rows:
            tally, left = self.counted.tally, len(rows)
            tally.written -= left
            tally.outputs[self.job.outputs[0].name] -= left
            tally.dropped["last_batch"] += left
        yield None, self._count(whole=True)

    def _kept(self, stop: threading.Event) -> Iterator[Sample]:
        """The samples that are kept, once their images are in their rows."""
        first: Sample | None = None
        for outcome in in_order(self._outcome, self._placed(stop), self.workers):
            what = self._tallied(outcome)
            if what is None:
                self.pages.leave()
                continue
            (sample,) = what.samples.values()
            if not self.pages.kept % self.size:
                first = sample
            if not self.pages.keep(sample.pixels):
                raise _uneven(first or sample, sample)
            yield sample.encoded(sample.fields, sample.image_field)  # without its pixels

    def _tallied(self, outcome: Outcome) -> Written | None:
        """What is to be kept; anything else is counted, and told of."""
        for what in list(tallied([outcome], self.counted.tally, Clock())):
            if isinstance(what, Written):
                return what
            said = f"{what.where} {what.key}: {what.reason}: {what.message}"
            self.counted.failures.append(said)
        return None

    def _placed(self, stop: threading.Event) -> Iterator[tuple[Sample | Failure, Place]]:
        """Every sample of the plan, with its row."""
        for sample in self._samples():
            if stop.is_set():
                return
            yield sample, self.pages.next_place()

    def _samples(self) -> Iterator[Sample | Failure]:
        source = source_of(self.job.source)
        for part in self.plan.parts:
            try:
                yield from source.read(part)
            except ShardError as error:
                self.counted.damaged.append(scrubbed(str(error)))

    def _outcome(self, placed: tuple[Sample | Failure, Place]) -> Outcome:
        found, place = placed
        return self.pipeline(found, self.hands, partial(self._shown, place))

    def _shown(
        self, place: Place, journey: Journey, branches: Sequence[Branch], sample: Sample
    ) -> Written | Drop:
        """The sample with its image as a batch holds it, in its row where that is possible."""
        (branch,) = branches
        answer = journey.shown(branch, sample, place.canvas)
        if isinstance(answer, Drop):
            return answer
        image, encode = answer.pixels, branch.encode
        if encode.format == "npy":
            image = array.cast(image, encode.dtype)
        if encode.layout == "chw":
            image = image.transpose(2, 0, 1)
        return Written({branch.name: answer.with_image(place.hold(image))})

    def _count(self, whole: bool = False) -> Counted:
        """What was counted since the last time; BudgetExceeded where too much failed."""
        counted, self.counted = self.counted, Counted()
        self.sum += counted.tally
        if over := self.sum.beyond(self.job.max_failures, whole):
            failed, allowed = over
            told = f"; the last is {counted.failures[-1]}" if counted.failures else ""
            raise BudgetExceeded(
                f"{failed} failed, and the job allows {allowed}; mend the input or raise "
                f"max_failures{told}"
            )
        return counted


def _uneven(first: Sample, sample: Sample) -> JobError:
    return JobError(
        [
            f"transforms: images of a batch must be of one size and type: {first.key} is "
            f"{_shape(first)}, {sample.key} {_shape(sample)}; add center_crop, or a resize to a "
            "fixed size (mode: exact or pad), and decode to one colour"
        ]
    )


def _shape(sample: Sample) -> str:
    return f"{sample.pixels.dtype} {sample.pixels.shape}"
