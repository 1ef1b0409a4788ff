"""Scratch: a new folder for what measuring writes, which is gone afterwards, whatever happens."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import uuid4

from pixelmill import storage


@contextmanager
def scratch_below(url: str | None) -> Iterator[str]:
    """A folder of its own below `url`, or the system's temporary one; nothing else is touched."""
    if url is None:
        with tempfile.TemporaryDirectory(prefix="pixelmill-bench-") as folder:
            yield folder
        return
    folder = storage.join(url, f"pixelmill-bench-{uuid4().hex[:12]}")
    storage.expect_writable(folder)
    try:
        yield folder
    finally:
        storage.remove_folder(folder)
