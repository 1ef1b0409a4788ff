"""Zipped: files that belong to images, in a folder or in a zip that nobody has to unpack.

The directory of a zip is a table of the labels: of each file its place, so that a file is read by
its range, be the zip in a bucket or not.
"""

import zipfile
import zlib
from collections.abc import Iterator

from pixelmill import storage
from pixelmill.errors import InputMissing, JobError, SampleError
from pixelmill.labels.forms import Lookup, Table, last
from pixelmill.labels.table import Row

_HEADER = 30  # bytes of a file's own header, before its name (APPNOTE.TXT 4.3.7)
_DEFLATED = 8


def is_zip(url: str) -> bool:
    return url.lower().endswith(".zip")


def directory(url: str) -> Table:
    """The files of a zip by the last component of their names."""
    return Table(url, ("name",), last, read=_files)


def file_of(url: str, name: str, lookup: Lookup, table: int) -> bytes | None:
    """A file of the folder, or of the zip whose directory is the n-th table; None without one.

    Only the last component of a stranger's name counts, so that none leads outside the folder.
    """
    name = name.replace("\\", "/").rpartition("/")[2]
    if not is_zip(url):
        try:
            return storage.read(storage.join(url, name))
        except InputMissing:
            return None
    for row in lookup(table, last(name)):
        return _member(url, name, *map(int, row))
    return None


def _files(url: str) -> Iterator[Row]:
    from pixelmill.sources.ranges import RangeFile

    try:
        with zipfile.ZipFile(RangeFile(url, storage.stat(url).size)) as archive:
            for one in archive.infolist():
                if not one.is_dir():
                    size = str(one.compress_size)
                    yield one.filename, str(one.header_offset), size, str(one.compress_type)
    except zipfile.BadZipFile as error:
        said = f"{storage.masked(url)}: is no zip, or is cut short ({error}); copy it again"
        raise JobError([said]) from error


def _member(url: str, name: str, start: int, size: int, method: int) -> bytes:
    head = storage.read_range(url, start, start + _HEADER)
    behind = int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
    begin = start + _HEADER + behind
    data = storage.read_range(url, begin, begin + size)
    if method == zipfile.ZIP_STORED:
        return data
    try:
        if method != _DEFLATED:
            raise zlib.error(f"compressed by method {method}")
        return zlib.decompress(data, wbits=-15)
    except zlib.error as error:
        where = storage.masked(url)
        raise SampleError(
            f"{name} in {where} cannot be unpacked: {error}; zip it again", "member_broken"
        ) from error
