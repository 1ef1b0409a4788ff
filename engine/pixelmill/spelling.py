"""Spelling: JSON piece by piece, so that a manifest of 100,000 shards is never one text."""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any


class Rows:
    """A list that is made anew each time it is walked through, so that it is never all there."""

    def __init__(self, walk: Callable[[], Iterator[Any]]) -> None:
        self._walk = walk

    def __iter__(self) -> Iterator[Any]:
        return self._walk()


def tight(value: Any) -> Iterator[str]:
    """The one spelling that is hashed: keys sorted, no blanks, ASCII; as `plan.canonical`."""
    if isinstance(value, Mapping):
        yield "{"
        for index, (key, inner) in enumerate(sorted(value.items())):
            yield f"{',' if index else ''}{_tight(key)}:"
            yield from tight(inner)
        yield "}"
    elif isinstance(value, list | Rows):
        yield "["
        for index, inner in enumerate(value):
            yield f"{',' if index else ''}{_tight(inner)}"
        yield "]"
    else:
        yield _tight(value)


def by_line(value: Any) -> Iterator[str]:
    """For people and their tools: each key, and each element of a list, on a line of its own."""
    if isinstance(value, Mapping) and value:
        for index, (key, inner) in enumerate(value.items()):
            yield f"{',' if index else '{'}\n{json.dumps(key)}: "
            yield from by_line(inner)
        yield "\n}"
    elif isinstance(value, list | Rows):
        begun = False
        for inner in value:
            yield f"{',' if begun else '['}\n{json.dumps(inner)}"
            begun = True
        yield "\n]" if begun else "[]"
    else:
        yield json.dumps(value)


def _tight(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
