"""Journey: the way of one sample, from its encoded image to what each output will write of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from pixelmill import codecs
from pixelmill.annotations.follow import Follow
from pixelmill.clock import Clock
from pixelmill.codecs.options import Encode
from pixelmill.outputs import written_fields
from pixelmill.sample import Drop, Failure, Sample
from pixelmill.splits.marks import Mark
from pixelmill.transforms.fuse import Canvas, Named, onto
from pixelmill_kernels.compiling import seconds_compiling


@dataclass(frozen=True, slots=True)
class Written:
    """For each output that the sample reached, the sample with the fields to write there.

    `mark` is what is written down of a sample that was split.
    """

    samples: Mapping[str, Sample]
    mark: Mark | None = None


@dataclass(slots=True)
class Outcome:
    """What became of one sample, what was quietly done to it, and where its time went.

    `step` is the transform that it is in, for the message when that raises.
    """

    what: Written | Drop | Failure
    notes: Sequence[str] = ()
    step: str = ""
    clock: Clock = field(default_factory=Clock)


@dataclass(frozen=True, slots=True)
class Branch:
    """One output's own end of the way: its last transforms and its encoding."""

    name: str
    steps: tuple[Named, ...]
    encode: Encode


class Journey:
    """One sample under way; it is decoded when the first transform asks for pixels."""

    def __init__(
        self, data: bytes, follow: Follow, outcome: Outcome, mark: Mark | None = None
    ) -> None:
        self.data, self.follow, self.outcome, self.mark = data, follow, outcome, mark
        self.header, self.decode = follow.header, follow.decode
        self._compiled = seconds_compiling()

    def through(self, steps: Sequence[Named], sample: Sample) -> Sample | Drop:
        """The sample after these transforms, or the first Drop."""
        for name, step in steps:
            if sample.image is None and getattr(step, "needs_pixels", True):
                sample = self.decoded(sample, getattr(step, "least", None))
            self.outcome.step = name
            sample.random.step(name)
            answer = step(sample)
            if isinstance(answer, Drop):
                self._lap("transforms")
                return answer
            sample = answer
        self.outcome.step = ""
        self._lap("transforms")
        return sample

    def into(self, branches: Sequence[Branch], sample: Sample) -> Written | Drop:
        """What each output writes; a Drop where none of them keeps the sample."""
        written: dict[str, Sample] = {}
        dropped = Drop("")
        if sample.image is None and len(branches) > 1:
            sample = self.decoded(sample)  # once for all of them
        for branch in branches:
            answer = self.through(branch.steps, sample)
            if isinstance(answer, Drop):
                dropped = answer
            else:
                data, extension = self._encoded(answer, branch.encode)
                if data is not self.data:  # what is passed through moved nothing
                    answer = self._followed(answer)
                fields = written_fields(answer, data, extension)
                written[branch.name] = answer.encoded(fields, extension)
        if written and self.mark and self.mark.wanted:
            self.decoded(sample)
        return Written(written, self.mark) if written else dropped

    def shown(self, branch: Branch, sample: Sample, canvas: Canvas) -> Sample | Drop:
        """What an output would write of the sample, with pixels; where its last transform can, it
        writes them straight into what `canvas` makes."""
        answer = self.through(onto(canvas, branch.steps), sample)
        if isinstance(answer, Drop):
            return answer
        return self._followed(answer if answer.image is not None else self.decoded(answer))

    def decoded(
        self, sample: Sample, least: Callable[..., tuple[int, int]] | None = None
    ) -> Sample:
        """The sample with pixels; scaled down where `least` says that far fewer are needed."""
        self._lap("transforms")
        needed = None
        if least is not None:
            needed = needed_for(least(sample.size))
        decoded = codecs.decode(self.data, self.decode, self.header, needed)
        self.outcome.notes = decoded.notes
        self._lap("decode")
        if self.mark and self.mark.wanted:
            self.mark = self.mark.of(decoded.image)
        return sample.decoded(decoded.image)

    def _encoded(self, sample: Sample, options: Encode) -> tuple[bytes, str]:
        if not sample.touched and self._passes_through(options):
            if sample.image is None and self.decode.verify:
                self.decoded(sample)
            return self.data, sample.image_field
        if sample.image is None:
            sample = self.decoded(sample)
        if options.format == "keep":
            options = replace(options, format=_kept(self.header.format))
        data = codecs.encode(sample.pixels, options)
        self._lap("encode")
        return data, codecs.extension(options.format)

    def _followed(self, sample: Sample) -> Sample:
        """The sample with its annotations where its pixels are."""
        moved, notes = self.follow(sample)
        if moved is not sample:
            self.outcome.notes = (*self.outcome.notes, *notes)
            self._lap("transforms")
        return moved

    def _passes_through(self, options: Encode) -> bool:
        same = options.format in ("keep", self.header.format)
        return same and codecs.faithful(self.header, self.decode)

    def _lap(self, step: str) -> None:
        clock = self.outcome.clock
        clock.lap(step)
        compiled = seconds_compiling()
        if compiled > self._compiled:
            clock.move(compiled - self._compiled, step, "compile")
            self._compiled = compiled


def needed_for(target: tuple[int, int]) -> tuple[int, int]:
    """What must be decoded of an image that is then scaled to `target`.

    At least twice that, as Pillow's reducing_gap=2: the resize then hides what the scaled decode
    did.
    """
    return 2 * target[0], 2 * target[1]


def _kept(format: str) -> Literal["jpeg", "png", "webp"]:
    """What "keep" makes of a source's format."""
    return "jpeg" if format == "jpeg" else "webp" if format == "webp" else "png"
