"""Floor: what the codecs alone take for a job's images; all else is the engine's, to be removed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from time import perf_counter, thread_time
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pixelmill import codecs
from pixelmill.codecs.options import Decode, Encode
from pixelmill.job import Job
from pixelmill.journey import Written, needed_for
from pixelmill.pipeline import Pipeline
from pixelmill.sample import Sample

_AS_IT_IS = Decode(color="keep", orientation="ignore", icc="ignore")


@dataclass(frozen=True, slots=True)
class Decoding:
    data: bytes
    header: codecs.Header
    least: tuple[int, int] | None


@dataclass(frozen=True, slots=True)
class Encoding:
    """What was written: small as it is, its pixels are made when they are needed.

    Of an array only the shape is kept; whatever is in it, writing it takes as long.
    """

    options: Encode
    data: bytes = b""
    shape: tuple[int, ...] = ()
    dtype: str = ""

    @property
    def image(self) -> npt.NDArray[Any]:
        if self.data:
            return codecs.decode(self.data, _AS_IT_IS).image
        image: npt.NDArray[Any] = np.ones(self.shape, self.dtype)
        return np.moveaxis(image, 0, -1) if self.options.layout == "chw" else image


class CodecFloor:
    """Decoding and encoding of the samples that a job writes, and nothing else.

    Decoded is at the scale that the job decodes at, or at full scale with `scale: exact`.  What is
    encoded is what the job wrote, decoded again outside of the timing.
    """

    def __init__(self, job: Job, samples: Sequence[Sample]) -> None:
        self._decode = job.decode
        self.decodings: list[Decoding] = []
        self.encodings: list[Encoding] = []
        self.images = len(samples)
        pipeline = Pipeline(job)
        for sample in samples if not job.untouched else ():
            what = pipeline(sample).what
            if isinstance(what, Written):
                self.decodings += _decoding(pipeline, sample, what)
                self.encodings += _encoded_by(pipeline, sample, what)

    @property
    def is_nothing(self) -> bool:
        """Whether the job copies every image as it is, or leaves it out."""
        return not self.decodings and not self.encodings

    @property
    def pixels(self) -> int:
        """Those that are decoded, at full scale."""
        return sum(one.header.width * one.header.height for one in self.decodings)

    def spent(self) -> "Codecs":
        """Decode everything, then encode everything."""
        start, cpu = perf_counter(), thread_time()
        for one in self.decodings:
            codecs.decode(one.data, self._decode, one.header, one.least)
        decode, encode = perf_counter() - start, 0.0
        cpu = thread_time() - cpu
        for made in self.encodings:
            image = made.image
            start, before = perf_counter(), thread_time()
            codecs.encode(image, made.options)
            encode, cpu = encode + perf_counter() - start, cpu + thread_time() - before
        return Codecs(decode, encode, cpu)


class Codecs(NamedTuple):
    """Seconds of decoding all, and of encoding all; CPU seconds of both."""

    decode: float
    encode: float
    cpu: float


def _decoding(pipeline: Pipeline, sample: Sample, what: Written) -> Iterator[Decoding]:
    data = sample.fields[pipeline.image_field(sample)]
    if all(data in made.fields.values() for made in what.samples.values()):
        return  # copied as it is
    header = codecs.peek(data)
    steps = [step for _, step in pipeline.steps]
    if len(pipeline.branches) == 1:  # otherwise it is decoded for all of them, at full scale
        steps += [step for _, step in pipeline.branches[0].steps]
    first = next((step for step in steps if getattr(step, "needs_pixels", True)), None)
    least = getattr(first, "least", None)
    size = header.displayed(pipeline.decode)
    yield Decoding(data, header, needed_for(least(size)) if least else None)


def _encoded_by(pipeline: Pipeline, sample: Sample, what: Written) -> Iterator[Encoding]:
    for branch in pipeline.branches:
        made = what.samples.get(branch.name)
        data = b"" if made is None else made.fields[made.image_field]
        if not data or data in sample.fields.values():
            continue
        kind: Any = codecs.sniff(data)
        options = replace(branch.encode, format=kind)
        if kind == "npy":
            array = np.load(BytesIO(data), allow_pickle=False)
            yield Encoding(options, b"", array.shape, array.dtype.str)
        else:
            yield Encoding(options, data)
