"""Output: what takes the samples of a task and leaves whole shards, or nothing."""

from dataclasses import dataclass
from typing import Protocol

from pixelmill.sample import Sample


@dataclass(frozen=True, slots=True)
class ShardRecord:
    """One shard that an output wrote.

    `name` is its file in the output folder.  `fields` are those that its samples have, sorted.
    """

    output: str
    name: str
    samples: int
    bytes: int
    sha256: str
    fields: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "fields", tuple(self.fields))  # JSON makes a list of it


class Output(Protocol):
    """Takes samples in order; what it wrote counts once `close` has returned."""

    def add(self, sample: Sample, image: bytes | None, extension: str) -> None:
        """Write the sample with `image` under `extension` in the place of its image field.

        With None, its fields are written as they are.
        """

    def close(self) -> list[ShardRecord]:
        """Commit what is open; the records of all shards, in order."""

    def drop(self) -> None:
        """Drop what is open; shards that are already there stay."""

    def abort(self) -> None:
        """Leave nothing: what is open is dropped, shards that are already there are removed."""
