"""Batch: images of one size in one array, and what is known of each."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
from pydantic_core import from_json  # the standard library's takes three times as long

from pixelmill.sample import Sample

NO_LABEL = -1
# As many digits as an int64 takes whatever they are.
_INTEGER = re.compile(rb"\s*[+-]?[0-9]{1,18}\s*")


@dataclass(frozen=True, slots=True)
class Batch:
    """`images` is (samples, channels, height, width) or (samples, height, width, channels), in the
    layout and the dtype of the job's output, C-contiguous, and the caller's own.

    `keys` are the samples' keys, `labels` their `cls` as int64, shape (samples,), -1 where a sample
    has none that is an integer.  All are in the order of the plan.
    """

    images: npt.NDArray[Any]
    keys: tuple[str, ...]
    labels: npt.NDArray[np.int64]
    records: tuple[bytes, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def json(self) -> list[Any]:
        """What the `json` of each sample holds, its annotations moved with the pixels; None where
        there is none.  Parsed when it is asked for; ValueError where one is no JSON."""
        return [from_json(record) if record else None for record in self.records]


def batch_of(images: npt.NDArray[Any], samples: Sequence[Sample]) -> Batch:
    """The first images, of as many samples."""
    fields = [sample.fields for sample in samples]
    return Batch(
        images[: len(samples)],
        tuple(sample.key for sample in samples),
        np.array([_label(one.get("cls", b"")) for one in fields], np.int64),
        tuple(one.get("json", b"") for one in fields),
    )


def _label(text: bytes) -> int:
    return int(text) if _INTEGER.fullmatch(text) else NO_LABEL
