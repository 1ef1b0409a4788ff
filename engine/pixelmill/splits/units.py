"""Units: what goes to one side whole, a key or a group, and the 64 bits that stand for it."""

from collections.abc import Mapping
from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from pixelmill.errors import SampleError
from pixelmill.exchange.strata import value_at
from pixelmill.job.split import Split
from pixelmill.labels.record import POSITIVE
from pixelmill.sample import Sample

Hashes = npt.NDArray[np.uint64]


def number_of(unit: str, seed: int = 0) -> int:
    """64 bits of a unit; a billion units share one with a chance of 3 %, and are then together."""
    text = f"{seed}\0{unit}".encode("utf-8", "surrogateescape")
    return int.from_bytes(blake2b(text, digest_size=8).digest(), "little")


def group_of(split: Split, sample: Sample) -> str:
    """The sample's group, "" where none is asked for; SampleError where it goes by groups."""
    if split.group is None:
        return ""
    group = text_at(sample.fields, split.group)
    if not group and split.groups:
        raise SampleError(
            f"{sample.where} {sample.key}: has no group at {split.group!r} (its fields are "
            f"{', '.join(sample.fields)}), so no side of the split can be told; add it, or correct "
            "`split.group`",
            "no_group",
        )
    return group


def classes_of(fields: Mapping[str, bytes], place: str) -> tuple[str, ...]:
    """The classes at a place: of a list all that are there, of a value the one."""
    value = value_at(fields, place)
    values = value if isinstance(value, list) else [value]
    states = value_at(fields, f"{place.rpartition('.')[0]}.label_state")
    if isinstance(states, list) and len(states) == len(values):
        values = [one for one, state in zip(values, states, strict=True) if state == POSITIVE]
    return tuple(str(one).strip() for one in values if one is not None and str(one).strip())


def text_at(fields: Mapping[str, bytes], place: str) -> str:
    value = value_at(fields, place)
    return str(value).strip() if isinstance(value, str | int | float) else ""
