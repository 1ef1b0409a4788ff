"""Ranges: a file object over ranges of a URL, so that pyarrow reads through our storage."""

import io

import pyarrow as pa
import pyarrow.parquet as pq

from pixelmill.errors import ShardError, StorageError
from pixelmill.storage import Entry, masked, read_range

# Pages are read through a buffer of this size, so a row group larger than memory is no matter.
BUFFER = 8 << 20


class RangeFile(io.RawIOBase):
    """Reads a URL of known size; every read is one request, retried and told in storage's words."""

    def __init__(self, url: str, size: int) -> None:
        self._url, self._size, self._at = url, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def read(self, size: int = -1) -> bytes:
        stop = self._size if size is None or size < 0 else min(self._at + size, self._size)
        if stop <= self._at:
            return b""
        data = read_range(self._url, self._at, stop)
        self._at += len(data)
        return data


def open_parquet(file: Entry) -> pq.ParquetFile:
    """The file with its footer read; ShardError where that is damaged."""
    try:
        return pq.ParquetFile(
            RangeFile(file.url, file.size), buffer_size=BUFFER, page_checksum_verification=True
        )
    except StorageError:
        raise
    except (pa.ArrowException, OSError, ValueError) as error:  # its words may be no UTF-8
        raise ShardError(
            f"{masked(file.url)} is no Parquet file or is cut short ({error}); copy it again"
        ) from error
