"""Spelling: JSON piece by piece, so that a manifest of 100,000 shards is never one text."""

import json
from collections.abc import Iterator, Mapping
from typing import Any


def tight(value: Any) -> Iterator[str]:
    """The one spelling that is hashed: keys sorted, no blanks, ASCII; as `plan.canonical`."""
    if isinstance(value, Mapping):
        yield "{"
        for index, (key, inner) in enumerate(sorted(value.items())):
            yield f"{',' if index else ''}{_tight(key)}:"
            yield from tight(inner)
        yield "}"
    elif isinstance(value, list):
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
    elif isinstance(value, list) and value:
        for index, inner in enumerate(value):
            yield f"{',' if index else '['}\n{json.dumps(inner)}"
        yield "\n]"
    else:
        yield json.dumps(value)


def _tight(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
