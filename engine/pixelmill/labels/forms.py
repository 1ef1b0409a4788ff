"""Forms: how the rows of a dataset's tables are keyed, and what they say of an image."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol

from pixelmill.labels.table import Row
from pixelmill.sources.keys import safe_key
from pixelmill.sources.stems import IMAGES, extension

# The rows of the n-th table that have a key, without it; () where there are none.
Lookup = Callable[[int, str], Sequence[Row]]


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a form: `keyed` makes a row's key of the value in the first of `columns`.

    `names` are the columns' own, where the first line of the file names them wrongly.  `read` gives
    the rows of a file, the key first, that is neither CSV nor Parquet; `expect` raises JobError
    where such a file, as far as its beginning tells, is not what it should be.
    """

    url: str
    columns: tuple[str, ...]
    keyed: Callable[[str], str]
    names: tuple[str, ...] | None = None
    read: Callable[[str], Iterable[Row]] | None = None
    expect: Callable[[str], None] | None = None


class Told(NamedTuple):
    """What the tables say of an image; `label` is its class where each has one.

    `fields` are files that belong to it, such as its masks, by field.
    """

    record: dict[str, Any]
    label: int | None = None
    fields: Mapping[str, bytes] = MappingProxyType({})


class Form(Protocol):
    """The first table has a row an image; `keys` are those by which an image's may be found.

    `source` is the dataset's name in the records.
    """

    @property
    def source(self) -> str: ...

    @property
    def tables(self) -> Sequence[Table]: ...

    def classes(self, rows: Iterable[Row]) -> list[str]:
        """The classes in order; `rows` are those of the first table, without their keys."""

    def keys(self, key: str) -> Sequence[str]: ...

    def told(self, key: str, rows: Sequence[Row], lookup: Lookup) -> Told:
        """What is said of an image by its rows; SampleError where they make no sense."""


def stem(name: str) -> str:
    """The key that a file's name becomes; a key stays as it is."""
    return safe_key(name.rpartition(".")[0] if extension(name) in IMAGES else name)


def last(name: str) -> str:
    """The last component of a name, as a key."""
    return stem(name.rpartition("/")[2])
