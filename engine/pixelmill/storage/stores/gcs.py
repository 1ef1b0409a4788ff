"""Google Cloud Storage."""

import io
import re
from base64 import b64decode
from contextlib import suppress
from typing import Any

from pixelmill.storage.stores import Got, Part
from pixelmill.storage.stores.asking import asked, span

__all__ = ["GcsObject"]

_MD5 = re.compile(r"md5=([A-Za-z0-9+/=]+)")
# aiohttp does nothing else while it sends bytes in one piece, and warns of more than a mebibyte.
_AT_ONCE = 1 << 20
_MORE = 308  # of a resumable upload: go on


class GcsObject:
    """An object of a bucket."""

    ordered = True  # a resumable upload grows at its end only

    def __init__(self, fs: Any, path: str) -> None:
        self.fs, self.path = fs, path

    def get(self, start: int, stop: int | None) -> Got:
        wanted = {} if stop is None else {"Range": f"bytes={start}-{stop - 1}"}
        _, headers, data = self.call("GET", self.fs.url(self.path), wanted)
        begin, total = span(headers.get("Content-Range"), len(data))
        return Got(data, begin, total, _md5(headers))

    def put(self, data: bytes) -> str:
        from gcsfs.core import simple_upload  # type: ignore[import-untyped]

        if len(data) > _AT_ONCE:
            self.parts().put(Part(0, 0, data, last=True))
            return ""
        bucket, key, _ = self.fs.split_path(self.path)
        said = asked(self.fs, simple_upload, self.fs, bucket, key, data)
        return b64decode(said.get("md5Hash", "")).hex()

    def parts(self) -> "GcsParts":
        return GcsParts(self)

    def call(
        self, method: str, url: str, headers: dict[str, str], data: bytes | None = None
    ) -> tuple[int, Any, bytes]:
        async def ask() -> tuple[int, Any, bytes]:
            sent = {} if data is None else {"data": io.BytesIO(data)}
            status, found, _, body = await self.fs._request(method, url, headers=headers, **sent)
            return status, found, body

        return asked(self.fs, ask)


class GcsParts:
    """A resumable upload: the object is there when the part that is the last one is."""

    def __init__(self, whole: GcsObject) -> None:
        self._whole = whole
        self._url = asked(whole.fs, self._begin)
        self._tried = -1  # the number of the part that was sent last, well or not

    async def _begin(self) -> str:
        from gcsfs.core import initiate_upload

        fs = self._whole.fs
        bucket, key, _ = fs.split_path(self._whole.path)
        return str(await initiate_upload(fs, bucket, key))

    def put(self, part: Part) -> None:
        end = part.offset + len(part.data)
        there = self._asked_again(end) if self._tried == part.number else part.offset
        self._tried = part.number
        while there is not None and there < end:
            there = self._send(part, there, end)

    def finish(self) -> str:
        return ""

    def abandon(self) -> None:
        with suppress(FileNotFoundError):
            self._whole.call("DELETE", self._url, {})

    def _send(self, part: Part, start: int, end: int) -> int | None:
        """Send the part from `start`; returns up to where all is there, None where it is done."""
        total = str(end) if part.last else "*"
        headers = {"Content-Range": f"bytes {start}-{end - 1}/{total}"}
        status, found, _ = self._whole.call(
            "PUT", self._url, headers, part.data[start - part.offset :]
        )
        return _end(found) if status == _MORE else None

    def _asked_again(self, end: int) -> int | None:
        """The same after a fault: what of the part is there already."""
        status, found, _ = self._whole.call("PUT", self._url, {"Content-Range": "bytes */*"})
        return min(_end(found), end) if status == _MORE else None


def _end(headers: Any) -> int:
    return int(headers["Range"].rpartition("-")[2]) + 1 if "Range" in headers else 0


def _md5(headers: Any) -> str:
    found = _MD5.search(",".join(headers.getall("X-Goog-Hash", ())))
    return b64decode(found[1]).hex() if found else ""
