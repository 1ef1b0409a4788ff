"""Forms: how the rows of a dataset's tables are keyed, and what they say of an image."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple, Protocol, runtime_checkable

from pixelmill.codecs import peek, sniff
from pixelmill.labels.published import as_published
from pixelmill.labels.table import Row, rows_of
from pixelmill.sample import Sample
from pixelmill.sources.keys import safe_key
from pixelmill.sources.stems import IMAGES, extension


@dataclass(frozen=True, slots=True)
class Lookup:
    """What a form may ask for while it tells of an image: other rows, and the image itself.

    `facts` are those of the dataset, as the form knew them once all rows were read.
    """

    rows: Callable[[int, str], Sequence[Row]]
    sample: Sample
    facts: Mapping[str, Any]

    def __call__(self, table: int, key: str) -> Sequence[Row]:
        """The rows of the n-th table that have a key, without it; () where there are none."""
        return self.rows(table, key)

    @property
    def image(self) -> str:
        """The field of the sample that holds its image, by content; "" where none does."""
        if self.sample.image_field:
            return self.sample.image_field
        fields = self.sample.fields.items()
        return next((name for name, data in fields if sniff(data) not in (None, "npy")), "")

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the stored image, by its header; zeros where there is none.

        DecodeError, a SampleError, where the header is broken.
        """
        if not (name := self.image):
            return 0, 0
        header = peek(self.sample.fields[name])
        return header.height, header.width


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a form: `keyed` makes a row's key of the value in the first of `columns`.

    `names` are the columns' own, where the first line of the file names them wrongly.  `read` gives
    the rows of a file, the key first, that is neither CSV nor Parquet; `expect` raises JobError
    where such a file, as far as its beginning tells, is not what it should be.  `enough`: an image
    has its row where only this table, and not the first one, names it.
    """

    url: str
    columns: tuple[str, ...]
    keyed: Callable[[str], str]
    names: tuple[str, ...] | None = None
    read: Callable[[str], Iterable[Row]] | None = None
    expect: Callable[[str], None] | None = None
    enough: bool = False

    def rows(self, files: Sequence[str], ragged: list[str]) -> Iterator[Row]:
        """The rows of its files, keys first; `ragged` grows by those that are left out."""
        if self.read is None:
            return rows_of(files, self.columns, self.names, ragged)
        return (row for file in files or [""] for row in _read(self.read, file))


def _read(read: Callable[[str], Iterable[Row]], file: str) -> Iterator[Row]:
    with as_published(file):
        yield from read(file)


class Told(NamedTuple):
    """What the tables say of an image; `label` is its class where each has one.

    `fields` are files that belong to it, such as its masks, by field.  `notes` count what was
    mended or left out, for the tally.
    """

    record: dict[str, Any]
    label: int | None = None
    fields: Mapping[str, bytes] = MappingProxyType({})
    notes: Mapping[str, int] = MappingProxyType({})


class Form(Protocol):
    """The first table has the rows of an image, unless others are `enough`, too.

    `keys` are those by which an image's rows may be found.  `source` is the dataset's name in the
    records.
    """

    @property
    def source(self) -> str: ...

    @property
    def tables(self) -> Sequence[Table]: ...

    def classes(self, rows: Iterable[Row]) -> list[str]:
        """The classes in order; `rows` are those of the first table, without their keys."""

    def keys(self, key: str) -> Sequence[str]: ...

    def told(self, key: str, rows: Sequence[Row], lookup: Lookup) -> Told | None:
        """What is said of an image by its rows; SampleError where they make no sense.

        None where they are those of another image after all.
        """


@runtime_checkable
class Fetching(Protocol):
    """A form whose rows say where the images are."""

    def image(self, key: str, rows: Sequence[Row]) -> tuple[str, bytes]:
        """The field and the bytes of an image; SampleError where they cannot be had."""


@runtime_checkable
class Documented(Protocol):
    """A form that knows more of its dataset than the classes' names."""

    def facts(self) -> dict[str, Any]:
        """What the manifest keeps of it as `source.dataset`; asked once all rows were read.

        As far as there are any: `categories`, in the order of the classes, each with the `id` and
        the `name` that it was published with (`supercategory`, `keypoints`, `skeleton` ...), and
        `licenses`, each with its `name` and `url`, and what is to be `said` of all in the card.
        """


def stem(name: str) -> str:
    """The key that a file's name becomes; a key stays as it is."""
    return safe_key(name.rpartition(".")[0] if extension(name) in IMAGES else name)


def last(name: str) -> str:
    """The last component of a name, as a key."""
    return stem(name.rpartition("/")[2])
