"""Part: what one task reads whole.  Source: what lists the parts and reads them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

from pixelmill.sample import Failure, Sample


@dataclass(frozen=True, slots=True)
class Part:
    """One unit that a task reads whole: a tar, row groups of a Parquet file, files of a folder.

    `url` is the file's, or the folder's.  `size` counts stored bytes, `stamp` changes when the
    content does.  `start` and `stop` are row groups of a Parquet file (stop -1: to its end), and a
    folder's samples by position.  `names` are a folder's files relative to `url`, or the stem that
    a Parquet file's row-number keys begin with.  `labels` are the class indices of the class
    folders in `names`.
    """

    url: str
    size: int
    stamp: str
    start: int = 0
    stop: int = -1
    names: tuple[str, ...] = ()
    labels: tuple[tuple[str, int], ...] = ()

    def __post_init__(self) -> None:
        """Tuples again of what JSON made lists of: Part(**json.loads(json.dumps(asdict(part))))."""
        object.__setattr__(self, "names", tuple(self.names))
        object.__setattr__(self, "labels", tuple((name, index) for name, index in self.labels))


class Source(Protocol):
    """Where samples come from.

    `parts` lists them, the same every time; `read` needs nothing but the part, so that a worker
    that never listed anything can read it; `about` states what the manifest records ("kind", and
    "classes" where there are any).
    """

    @property
    def kind(self) -> str: ...

    def parts(self) -> list[Part]: ...

    def read(self, part: Part) -> Iterator[Sample | Failure]: ...

    def about(self) -> dict[str, Any]: ...
