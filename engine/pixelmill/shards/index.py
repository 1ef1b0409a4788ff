"""Index: the text that NVIDIA DALI reads beside a shard: where every member's data lies.

The first line is "v1.2 COUNT"; each sample is a line of "field offset size name", repeated.
"""

from collections.abc import Iterable, Sequence

from pixelmill.errors import EncodeError
from pixelmill.shards.members import Cut, read_members
from pixelmill.shards.naming import is_meta, key_and_field

__all__ = ["Index", "index_text"]

Place = tuple[str, int, int, str]  # field, offset of the data, size, name


class Index:
    """The places of a shard's samples, as they are written."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def add(self, places: Sequence[Place]) -> None:
        """Keep the members of one sample; EncodeError where a name cannot stand in an index."""
        for _, _, _, name in places:
            if not name.isascii() or len(name.split()) != 1:
                raise EncodeError(
                    f"member {name!r} cannot stand in a DALI index: its names are ASCII without "
                    "blanks; rename it, or write no index",
                    "unindexable_name",
                )
        self._lines.append(
            " ".join(f"{field} {at} {size} {name}" for field, at, size, name in places)
        )

    def text(self) -> str:
        return "\n".join([f"v1.2 {len(self._lines)}", *self._lines, ""])


def index_text(chunks: Iterable[bytes], where: str) -> str:
    """The index of a finished, uncompressed shard; ShardError where it is damaged."""
    index = Index()
    key: str | None = None
    places: list[Place] = []
    for member in read_members(chunks, where):
        if isinstance(member, Cut):
            raise member.error
        split = key_and_field(member.name)
        if split is None or member.fault or is_meta(member.name):
            continue
        if split[0] != key and places:
            index.add(places)
            places = []
        key = split[0]
        places.append((split[1], member.offset, member.size, member.name))
    if places:
        index.add(places)
    return index.text()
