"""Lists: what stands in a JSON object at the top, its long lists an element at a time.

COCO's annotations of train2017 are one list of 448 MB: held at once, they would take ten times
that.
"""

import io
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

from pixelmill import storage
from pixelmill.errors import JobError
from pixelmill.labels.table import Stream

_BLOCK = 1 << 20  # characters
_LARGEST = 256 << 20  # of one element: nobody's, so that a broken file does not fill the memory
# A cut text breaks where it ends, or where a string or a sign in it began.
_CUT = ("Unterminated string", "Invalid \\")
_NEAR = 16
_SPACE = " \t\n\r"


class Element(NamedTuple):
    """One element of the list `name`, or all of `name` where it is none; `text` is its JSON."""

    name: str
    value: Any
    text: str


def elements(url: str) -> Iterator[Element]:
    """The elements, whatever the order of the names; JobError where the JSON is broken."""
    text = _Text(url)
    text.take("{", "an object of lists")
    while not text.took("}"):
        name, _ = text.value()
        text.take(":", "a colon")
        if text.took("["):
            while not text.took("]"):
                yield Element(name, *text.value())
                if not text.took(","):
                    text.take("]", "a comma or the list's end")
                    break
        else:
            yield Element(name, *text.value())
        if not text.took(","):
            text.take("}", "a comma or the object's end")
            break


class _Text:
    """As much of the text of a file as the next element needs, and a block besides."""

    def __init__(self, url: str) -> None:
        self._url = storage.masked(url)
        self._file = io.TextIOWrapper(io.BufferedReader(Stream(url)), encoding="utf-8-sig")
        self._decode = json.JSONDecoder().raw_decode
        self._text, self._at, self._before = "", 0, 0

    def took(self, sign: str) -> bool:
        """Whether the next sign is this one; then it is behind us."""
        while True:
            while self._at < len(self._text) and self._text[self._at] in _SPACE:
                self._at += 1
            if self._at < len(self._text):
                found = self._text[self._at] == sign
                self._at += found
                return found
            if not self._more():
                return False

    def take(self, sign: str, what: str) -> None:
        if not self.took(sign):
            found = self._text[self._at : self._at + 20] or "the end of the file"
            raise self._broken(f"expected {what} ({sign}), got {found!r}")

    def value(self) -> tuple[Any, str]:
        """The next value and its text."""
        self.took("")  # what is before it
        while True:
            try:
                value, end = self._decode(self._text, self._at)
            except json.JSONDecodeError as error:
                place = self._before + error.pos
                if self._may_be_cut(error) and self._more():
                    continue
                raise self._broken(error.msg, place) from error
            except RecursionError as error:
                raise self._broken("it is nested too deep") from error
            if end + len("e+") >= len(self._text) and self._more():
                continue  # a number may go on, behind a point or an exponent's sign too
            text, self._at = self._text[self._at : end], end
            return value, text

    def _may_be_cut(self, error: json.JSONDecodeError) -> bool:
        near = error.pos >= len(self._text) - _NEAR or error.msg.startswith(_CUT)
        return near and len(self._text) - self._at < _LARGEST

    def _more(self) -> bool:
        """Whether more text came; twice as much each time that an element did not end in it."""
        left = self._text[self._at :]
        try:
            piece = self._file.read(max(_BLOCK, len(left)))
        except UnicodeDecodeError as error:
            raise self._broken(f"it is no UTF-8: {error}") from error
        if not piece:
            return False
        self._before += self._at
        self._text, self._at = left + piece, 0
        return True

    def _broken(self, what: str, place: int | None = None) -> JobError:
        place = self._before + self._at if place is None else place
        said = f"{self._url}: is no JSON of lists: {what} at character {place:,}; copy it again"
        return JobError([said])
