"""MATLAB: arrays from a MAT-file of level 5, as far as tables of text and numbers need them.

References
----------
The MathWorks, "MAT-File Format", R2019b, chapter 1: Level 5 MAT-Files.
"""

import zlib
from collections.abc import Iterator
from struct import Struct, unpack_from
from struct import error as Error
from typing import Any

import numpy as np

from pixelmill.errors import ShardError

__all__ = ["read_mat"]

_HEADER = 128
_MATRIX, _COMPRESSED = 14, 15
_CELL, _STRUCT, _CHAR, _NUMBERS = 1, 2, 4, range(6, 16)
_DTYPES = {
    1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8",
    16: "u1", 17: "u2", 18: "u4",
}  # fmt: skip
_TEXT = {16: "utf-8", 17: "utf-16", 18: "utf-32"}
# ImageNet's meta.mat unpacks to less than one; a crafted one could unpack to a thousand times its
# size.
_MOST = 64 << 20
# RuntimeError is also what a generator makes of the end of another, and of too deep a nesting.
_BROKEN = (ValueError, LookupError, TypeError, OverflowError, RuntimeError, Error, zlib.error)


def read_mat(data: bytes, where: str) -> dict[str, Any]:
    """The variables of a MAT-file by name.

    A struct array is a list of dicts, a cell array a list, text a str, numbers a one-dimensional
    array; all in MATLAB's order, column by column.  Sparse arrays and objects are None.

    Raises
    ------
    ShardError
        Where it is no MAT-file of level 5 (one of level 7.3 is HDF5), or is damaged.
    """
    mark = data[126:128]
    if mark not in (b"IM", b"MI") or len(data) < _HEADER:
        raise ShardError(f"{where} is no MAT-file of level 5; save it by `save -v7` or `-v6`")
    reader = _Reader("<" if mark == b"IM" else ">")
    try:
        elements = reader.elements(data[_HEADER:])
        return dict(reader.matrix(body) for kind, body in elements if kind == _MATRIX)
    except _BROKEN as error:
        raise ShardError(f"{where} is damaged: {error}; copy it again") from error


class _Reader:
    """Elements and matrices in one byte order."""

    def __init__(self, order: str) -> None:
        self.order = order
        self.word = Struct(f"{order}I")

    def elements(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """(type, data) one after another, what was compressed among them."""
        at = 0
        while at + 8 <= len(data):
            kind, size = unpack_from(f"{self.order}II", data, at)
            start, small = at + 8, kind >> 16
            if small:  # type, length and up to four bytes in one word and the next
                kind, size, start = kind & 0xFFFF, small, at + 4
            body = data[start : start + size]
            if len(body) < size:
                raise ValueError(f"an element says {size} bytes, {len(body)} are left")
            if kind == _COMPRESSED:
                yield from self.elements(_unpacked(body))
                at = start + size  # the one kind that is not padded
            else:
                yield kind, body
                at = at + 8 if small else start + size + -size % 8

    def matrix(self, data: bytes) -> tuple[str, Any]:
        """(name, value) of a matrix."""
        parts = self.elements(data)
        flags = next(parts, None)
        if flags is None:  # a field that nothing was put in
            return "", np.empty(0)
        what = self.word.unpack_from(flags[1])[0] & 0xFF
        shape = self._numbers(*next(parts))
        name = next(parts)[1].decode("latin-1")
        if what == _STRUCT:
            return name, self._structs(parts, int(shape.prod()))
        if what == _CELL:
            return name, [self.matrix(body)[1] for _, body in parts]
        kind, body = next(parts, (2, b""))
        if what == _CHAR:
            return name, self._text(kind, body)
        return name, self._numbers(kind, body) if what in _NUMBERS else None

    def _structs(self, parts: Iterator[tuple[int, bytes]], count: int) -> list[dict[str, Any]]:
        length = int(self._numbers(*next(parts))[0])
        text = next(parts)[1]
        names = [
            text[at : at + length].partition(b"\0")[0].decode("latin-1")
            for at in range(0, len(text), length)
        ]
        if not names:
            raise ValueError("a struct has no fields")
        values = [self.matrix(body)[1] for _, body in parts]
        if len(values) != count * len(names):
            raise ValueError(f"{count} structs of {len(names)} fields hold {len(values)} values")
        width = len(names)
        return [dict(zip(names, values[i * width :], strict=False)) for i in range(count)]

    def _numbers(self, kind: int, body: bytes) -> np.ndarray[Any, Any]:
        return np.frombuffer(body, f"{self.order}{_DTYPES[kind]}")

    def _text(self, kind: int, body: bytes) -> str:
        """One row of characters, in Unicode or as plain numbers."""
        if kind in _TEXT:
            suffix = "" if kind == 16 else {"<": "-le", ">": "-be"}[self.order]
            return body.decode(_TEXT[kind] + suffix)
        return "".join(map(chr, self._numbers(kind, body).tolist()))


def _unpacked(body: bytes) -> bytes:
    stream = zlib.decompressobj()
    data = stream.decompress(body, _MOST)
    if not stream.eof:
        raise ValueError(f"a compressed element is cut short, or unpacks to more than {_MOST:,}")
    return data
