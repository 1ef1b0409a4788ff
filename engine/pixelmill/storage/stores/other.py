"""Everything else that fsspec knows: by its words alone."""

from typing import Any

from pixelmill.storage.stores import Got, Parts

__all__ = ["OtherFile"]


class OtherFile:
    """A file of any file system."""

    ordered = True

    def __init__(self, fs: Any, path: str) -> None:
        self.fs, self.path = fs, path

    def get(self, start: int, stop: int | None) -> Got:
        if stop is None:
            data = bytes(self.fs.cat_file(self.path))
            return Got(data, 0, len(data))
        return Got(bytes(self.fs.cat_file(self.path, start=start, end=stop)), start, -1)

    def put(self, data: bytes) -> str:
        self.fs.pipe_file(self.path, data)
        return ""

    def parts(self) -> Parts:
        raise NotImplementedError  # targets.py writes a file beside its place and moves it
