"""Talk: samples and what became of them as bytes, between a guard and its child.

No pickles: the child has been in the hands of whatever a hostile image made of a decoder.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from itertools import islice
from typing import Any

from pixelmill.journey import Outcome, Written
from pixelmill.sample import Drop, Failure, Sample
from pixelmill.splits.marks import Mark

_HEAD = 4  # bytes that say how long the JSON is that comes first

Facts = dict[str, Any]


def packed(facts: Mapping[str, Any], blobs: Sequence[bytes] = ()) -> bytes:
    """A message: JSON, and the bytes that it is about."""
    head = json.dumps({**facts, "sizes": [len(blob) for blob in blobs]}, default=str).encode()
    return b"".join([len(head).to_bytes(_HEAD, "big"), head, *blobs])


def unpacked(message: bytes) -> tuple[Facts, Iterator[bytes]]:
    start = _HEAD + int.from_bytes(message[:_HEAD], "big")
    facts: Facts = json.loads(message[_HEAD:start])
    return facts, _cut(message, start, facts.pop("sizes"))


def _cut(message: bytes, start: int, sizes: Sequence[int]) -> Iterator[bytes]:
    for size in sizes:
        yield message[start : start + size]
        start += size


def packed_sample(sample: Sample) -> bytes:
    return packed(_facts(sample), list(sample.fields.values()))


def unpacked_sample(message: bytes) -> Sample:
    facts, blobs = unpacked(message)
    return _sample(facts, blobs)


def packed_found(found: Sample | Failure) -> bytes:
    """What a source gives: a sample, or a failure with its members."""
    if isinstance(found, Sample):
        return packed_sample(found)
    facts = {"reason": found.reason, "message": found.message, "where": found.where}
    fields = {"key": found.key, "fields": list(found.fields)}
    return packed(facts | fields, list(found.fields.values()))


def unpacked_found(facts: Facts, blobs: Iterator[bytes]) -> Sample | Failure:
    if "reason" not in facts:
        return _sample(facts, blobs)
    fields = dict(zip(facts["fields"], blobs, strict=True))
    return Failure(facts["key"], fields, facts["reason"], facts["message"], facts["where"])


def packed_outcome(outcome: Outcome) -> bytes:
    what = outcome.what
    facts: Facts = {"notes": list(outcome.notes), "seconds": outcome.clock.seconds}
    if isinstance(what, Drop):
        return packed({**facts, "drop": what.reason, "detail": what.detail})
    if isinstance(what, Failure):  # whoever asked has the original members
        return packed({**facts, "reason": what.reason, "message": what.message})
    samples = {name: _facts(sample) for name, sample in what.samples.items()}
    blobs = [data for sample in what.samples.values() for data in sample.fields.values()]
    mark = asdict(what.mark) if what.mark else None
    return packed({**facts, "samples": samples, "mark": mark, "counts": what.counts}, blobs)


def unpacked_outcome(facts: Facts, blobs: Iterator[bytes], asked: Sample) -> Outcome:
    """What became of the sample that was asked about."""
    outcome = Outcome(_what(facts, blobs, asked), tuple(facts["notes"]))
    outcome.clock.seconds.update(facts["seconds"])
    return outcome


def _what(facts: Facts, blobs: Iterator[bytes], asked: Sample) -> Written | Drop | Failure:
    if "drop" in facts:
        return Drop(facts["drop"], facts["detail"])
    if "reason" in facts:
        return Failure(asked.key, asked.fields, facts["reason"], facts["message"], asked.where)
    samples = facts["samples"].items()
    mark = Mark(**facts["mark"]) if facts["mark"] else None
    written = {name: _sample(sample, blobs) for name, sample in samples}
    return Written(written, mark, facts["counts"])


def _facts(sample: Sample) -> Facts:
    """What an output wants to know of an encoded sample."""
    return {
        "key": sample.key,
        "where": sample.where,
        "fields": list(sample.fields),
        "image_field": sample.image_field,
        "size": sample.size,
        "touched": sample.touched,
    }


def _sample(facts: Facts, blobs: Iterator[bytes]) -> Sample:
    names = facts["fields"]
    fields = dict(zip(names, islice(blobs, len(names)), strict=True))
    height, width = facts["size"]
    return Sample(
        facts["key"], fields, facts["where"], facts["image_field"], (height, width),
        touched=facts["touched"],
    )  # fmt: skip
