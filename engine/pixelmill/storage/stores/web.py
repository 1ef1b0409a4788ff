"""Web servers: read by ranges where they take them, and as a stream where they do not."""

from typing import Any

from pixelmill.storage.stores import Got, NoRanges, Parts
from pixelmill.storage.stores.asking import asked, span

__all__ = ["WebFile"]

_PART_OF_IT = 206


class WebFile:
    """A file under an http or https URL."""

    ordered = True

    def __init__(self, fs: Any, path: str) -> None:
        self.fs, self.path = fs, path

    def get(self, start: int, stop: int | None) -> Got:
        return asked(self.fs, self._get, start, stop)

    async def _get(self, start: int, stop: int | None) -> Got:
        fs, more = self.fs, self.fs.kwargs
        # As it lies there: a range of a compressed answer is no range of the file.
        headers = {**more.get("headers", {}), "Accept-Encoding": "identity"}
        if stop is not None:
            headers["Range"] = f"bytes={start}-{stop - 1}"
        session = await fs.set_session()
        async with session.get(fs.encode_url(self.path), **{**more, "headers": headers}) as answer:
            fs._raise_not_found_for_status(answer, self.path)
            if stop is not None and answer.status != _PART_OF_IT:
                answer.close()  # it may be a thousand times what was asked for
                raise NoRanges(f"{answer.host} takes no ranges")
            data = await answer.read()
        begin, total = span(answer.headers.get("Content-Range"), len(data))
        return Got(data, begin, total)

    def put(self, data: bytes) -> str:
        raise NotImplementedError

    def parts(self) -> Parts:
        raise NotImplementedError
