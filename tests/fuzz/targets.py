"""What is fuzzed: functions of bytes that a stranger may have made.

Each may answer, or refuse by an error of ours.  Whatever else comes out is a find.
"""

import contextlib
import io

import annotated
import joined
import numpy as np
import tabled

from pixelmill.codecs import decode, peek, sniff
from pixelmill.codecs.options import Decode
from pixelmill.errors import JobError, SampleError, ShardError
from pixelmill.job import parse_job, write_job
from pixelmill.sample import Failure, Sample
from pixelmill.shards.reader import read_shard
from pixelmill.shards.writer import TarWriter

PIXELS = 1 << 18  # so that a run is about headers and not about large images
SAMPLE = 1 << 20
OPTIONS = (
    Decode(max_pixels=PIXELS),
    Decode(color="keep", icc="srgb", orientation="ignore", max_pixels=PIXELS),
)


def tar(data: bytes) -> None:
    """Samples, failures that can be kept, and a ShardError in the end; the pieces do not matter."""
    whole, told = _read([data])
    size = 1 + len(data) // 3
    pieces, again = _read([data[at : at + size] for at in range(0, len(data), size)])
    assert whole == pieces
    assert (told is None) == (again is None)
    writer = TarWriter(lambda _: None)
    for found in whole:
        if isinstance(found, Failure):
            assert found.message
            writer.add(found.key, {**found.fields, "why.json": b"{}"})


def _read(pieces: list[bytes]) -> tuple[list[Sample | Failure], ShardError | None]:
    found: list[Sample | Failure] = []
    try:
        for sample in read_shard(pieces, "shard.tar", max_member=SAMPLE):
            found.append(sample)  # what was read before the error counts
    except ShardError as error:
        return [_without_message(one) for one in found], error
    return [_without_message(one) for one in found], None


def _without_message(one: Sample | Failure) -> Sample | Failure:
    if isinstance(one, Failure):  # a cut tells its place, which may differ in a compressed shard
        return Failure(one.key, one.fields, one.reason, "told", one.where)
    return one


def header(data: bytes) -> None:
    """A header of sane numbers, or a DecodeError."""
    with contextlib.suppress(SampleError):
        found = peek(data)
        assert found.format == sniff(data)
        assert found.width > 0
        assert found.height > 0
        assert found.channels in (1, 3, 4)
        assert found.orientation in range(1, 9)


def image(data: bytes) -> None:
    """Pixels of the size that the header says, or an error of ours."""
    for options in OPTIONS:
        with contextlib.suppress(SampleError):
            pixels = decode(data, options).image
            found = peek(data)
            assert pixels.shape[:2] == found.displayed(options)
            assert pixels.shape[0] * pixels.shape[1] <= PIXELS
            assert pixels.dtype in (np.uint8, np.uint16)


def job(data: bytes) -> None:
    """A job that says itself again, or a JobError."""
    with contextlib.suppress(JobError):
        read = parse_job(data.decode("utf-8", "replace"))
        assert parse_job(write_job(read, {})).source.kind == read.source.kind


TARGETS = {
    "tar": tar,
    "header": header,
    "image": image,
    "job": job,
    "record": annotated.record,
    "mask": annotated.mask,
    "csv": tabled.csv,
    "table": tabled.table,
    "parquet": tabled.parquet,
    "coco": joined.coco,
    "labelbox": joined.labelbox,
    "matlab": joined.matlab,
}


def quiet() -> contextlib.AbstractContextManager[io.StringIO]:
    return contextlib.redirect_stderr(io.StringIO())
