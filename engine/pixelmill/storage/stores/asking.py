"""Asking: the backends' event loop from threads, and the headers that all stores answer with."""

import re
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

__all__ = ["asked", "span"]

_Answer = TypeVar("_Answer")
_RANGE = re.compile(r"bytes (\d+)-\d+/(\d+|\*)")


def asked(fs: Any, ask: Callable[..., Coroutine[Any, Any, _Answer]], *facts: Any) -> _Answer:
    """What the coroutine function answers on the event loop that the file system lives in."""
    from fsspec.asyn import sync  # type: ignore[import-untyped]

    answer: _Answer = sync(fs.loop, ask, *facts)
    return answer


def span(content_range: str | None, length: int) -> tuple[int, int]:
    """Where an answer begins, and how long the whole is, of its Content-Range header.

    Without one it is the whole.  A proxy that takes no ranges answers so to each.
    """
    found = _RANGE.fullmatch(content_range or "")
    if not found:
        return 0, length
    return int(found[1]), -1 if found[2] == "*" else int(found[2])
