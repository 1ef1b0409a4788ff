"""Texts: the JSON values of a file, one behind the other or in one array, as they come.

An export line holds embeddings of many kilobytes, and a million lines: no more than one value and
one block of the file is in memory.
"""

import io
from collections.abc import Iterator
from json import JSONDecodeError, JSONDecoder
from typing import Any

from pixelmill import storage
from pixelmill.errors import JobError
from pixelmill.labels.table import Stream

BLOCK = 1 << 20
_BETWEEN = " \t\r\n,"


def values_in(url: str) -> Iterator[Any]:
    """Every value of NDJSON, or of one JSON array (.gz, too); JobError where it is not JSON."""
    decode = JSONDecoder().raw_decode
    text, at, count, array = "", 0, 0, False
    with io.TextIOWrapper(io.BufferedReader(Stream(url)), encoding="utf-8-sig") as stream:
        while True:
            at = _skipped(text, at)
            if at == len(text):
                text, at = _more(stream, url, BLOCK), 0
                if not text:
                    return
                continue
            if not array and not count and text[at] == "[":
                array, at = True, at + 1
                continue
            if array and text[at] == "]":
                return
            try:
                value, end = decode(text, at)
            except JSONDecodeError as error:
                # Cut in the middle of a value: as much again, so that a long one is read few times.
                more = _more(stream, url, max(BLOCK, len(text) - at))
                if not more:
                    raise _no_json(url, count, error.msg) from error
                text, at = text[at:] + more, 0
                continue
            yield value
            at, count = end, count + 1


def _skipped(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BETWEEN:
        at += 1
    return at


def _more(stream: io.TextIOWrapper, url: str, size: int) -> str:
    try:
        return stream.read(size)
    except UnicodeDecodeError as error:
        raise JobError([f"{storage.masked(url)}: is not UTF-8: {error}"]) from error


def _no_json(url: str, count: int, why: str) -> JobError:
    return JobError(
        [
            f"{storage.masked(url)}: after {count} values comes what is no JSON ({why}); was it "
            "cut short?  Export it again"
        ]
    )
