"""Pipeline: the loop that every sample passes through, with a tally that is true at every step."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from pixelmill import codecs
from pixelmill.annotations.follow import Follow
from pixelmill.clock import Clock
from pixelmill.codecs.options import Encode
from pixelmill.errors import DecodeError, SampleError
from pixelmill.hands import Hands
from pixelmill.job import Job, step_name
from pixelmill.journey import Branch, Journey, Outcome, Written
from pixelmill.memory import PixelBudget
from pixelmill.random import Randomness
from pixelmill.sample import Drop, Failure, Sample
from pixelmill.splits import Mark, sides_of
from pixelmill.splits.marks import by_bytes
from pixelmill.storage import scrubbed
from pixelmill.tally import Tally
from pixelmill.transforms.fuse import Named, fused

IMAGE_EXTENSIONS = frozenset(
    [
        "jpg",
        "jpeg",
        "jpe",
        "jfif",
        "png",
        "webp",
        "gif",
        "bmp",
        "tif",
        "tiff",
        "avif",
        "heic",
        "heif",
        "ppm",
        "pgm",
        "img",
        "image",
    ]
)

End: TypeAlias = Callable[[Journey, Sequence[Branch], Sample], Written | Drop]


class Pipeline:
    """The way of one sample: image found, header peeked, decoded, transformed, encoded.

    Made once from a job; called from any number of threads.  Nothing that a sample does raises:
    the outcome of a bad one is a Failure that holds its original members.  Another `copy` is drawn
    for anew.
    """

    def __init__(self, job: Job, budget: PixelBudget | None = None, copy: int = 0) -> None:
        self.decode, self.annotations = job.decode, job.annotations
        self.image = None if job.source.image == "auto" else tuple(job.source.image.split(";"))
        self.seed, self.copy = job.seed, copy
        shared = _named("transforms", job.transforms)
        # The steps to a single output are all its own: those of both lists may be made one.
        ours = shared if len(job.outputs) == 1 else []
        self.steps = () if ours else tuple(fused(shared))
        self.branches = tuple(
            Branch(
                out.name,
                _as_written([*ours, *_named(f"outputs.{out.name}", out.transforms)], out.image),
                out.image,
            )
            for out in job.outputs
        )
        self.untouched = job.untouched
        self.sides = sides_of(job)
        self.budget = budget or PixelBudget(job.executor.memory)

    def __call__(
        self, found: Sample | Failure, hands: Hands | None = None, end: End = Journey.into
    ) -> Outcome:
        """What becomes of it; `hands` hold it meanwhile, for whoever watches.

        Its journey ends encoded for the outputs, or as another `end` has it.
        """
        outcome = Outcome(Drop(""))
        if isinstance(found, Failure):
            outcome.what = found
            return outcome
        hands = hands or Hands()
        try:
            hands.take(found.key)
            outcome.what = self._way(found, outcome, hands, end)
        except SampleError as error:
            outcome.what = _failure(found, error.reason, str(error))
        except MemoryError as error:
            said = f"{found.where} {found.key}: {outcome.step or 'it'} asks for too much memory"
            outcome.what = _failure(found, "out_of_memory", f"{said} ({error})")
        except Exception as error:  # noqa: BLE001  # around one sample, whatever it provokes
            said = f"{type(error).__name__}: {error}"
            if outcome.step:
                outcome.what = _failure(found, "transform_failed", f"{outcome.step}: {said}")
            else:
                outcome.what = _failure(found, "unexpected", said)
        finally:
            hands.free()
        return outcome

    def _way(self, found: Sample, outcome: Outcome, hands: Hands, end: End) -> Written | Drop:
        if self.sides is None:
            return self._to(self.branches, found, outcome, hands, end)
        side, group = self.sides.of(found)
        if side is None:
            return Drop("in_no_split")
        branches = [branch for branch in self.branches if branch.name == side]
        mark = Mark(side, group, wanted=self.sides.looks)
        return self._to(branches, found, outcome, hands, end, mark)

    def _to(
        self, branches: Sequence[Branch], found: Sample, outcome: Outcome, hands: Hands, end: End,
        mark: Mark | None = None,
    ) -> Written | Drop:  # fmt: skip
        """The sample on its way to these branches."""
        if self.untouched:
            return Written({branch.name: found for branch in branches}, by_bytes(mark, found))
        field = found.image_field or self.image_field(found)
        data = found.fields[field]
        header = codecs.peek(data)
        size = header.displayed(self.decode)
        sample = found.peeked(field, size, Randomness(self.seed, found.key, self.copy))
        journey = Journey(data, Follow(self.annotations, header, self.decode), outcome, mark)
        hands.wait(found.key)
        with self.budget.lent(size[0] * size[1] * header.channels * header.bits // 8) as loan:
            hands.take(found.key, loan)
            answer = journey.through(self.steps, sample)
            if isinstance(answer, Drop):
                return answer
            return end(journey, branches, answer)

    def image_field(self, sample: Sample) -> str:
        """The extension that holds the image: by the job, by its name, or by its content."""
        for name in self.image or sample.fields:
            if name in sample.fields and (self.image or name in IMAGE_EXTENSIONS):
                return name
        if self.image is None:
            for name, data in sample.fields.items():
                if codecs.sniff(data) not in (None, "npy"):
                    return name
        raise DecodeError(
            f"{sample.where} {sample.key}: no image among its members ({', '.join(sample.fields)})"
            "; name its extension in `source.image`",
            "no_image",
        )


def tallied(outcomes: Iterable[Outcome], tally: Tally, clock: Clock) -> Iterator[Written | Failure]:
    """Count every outcome; yield those that are to be written, to an output or to quarantine.

    What is yielded counts once the next is asked for, so that a writer that raises leaves a tally
    that does not balance, and the task does not commit.
    """
    for outcome in outcomes:
        tally.read += 1
        tally.notes.update(outcome.notes)
        clock.add(outcome.clock)
        what = outcome.what
        if isinstance(what, Drop):
            tally.dropped[what.reason] += 1
            continue
        yield what
        if isinstance(what, Failure):
            tally.quarantined[what.reason] += 1
        else:
            tally.written += 1
            tally.outputs.update(what.samples.keys())


def _named(where: str, steps: Sequence[Any]) -> list[Named]:
    """Each transform with its place in the job, which is also the name of its random draws."""
    return [(f"{where}[{i}] {step_name(step)}", step) for i, step in enumerate(steps)]


def _as_written(steps: Sequence[Named], written: Encode) -> tuple[Named, ...]:
    """Neighbours made one; the last makes its image as it is written."""
    if written.format != "npy" or written.dtype.startswith("uint"):
        return tuple(fused(steps))
    return tuple(fused(steps, written.layout, written.dtype))


def _failure(found: Sample, reason: str, message: str) -> Failure:
    return Failure(found.key, found.fields, reason, scrubbed(message), found.where)
