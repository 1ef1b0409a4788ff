"""Stored: files that belong to images, in a folder or in zips that nobody has to unpack.

The directories of the zips are a table of the labels: of each file its place, so that a file is
read by its range, be the zip in a bucket or not.
"""

import zipfile
import zlib
from collections.abc import Iterator

from pixelmill import storage
from pixelmill.errors import InputMissing, JobError, SampleError
from pixelmill.labels.forms import Lookup, Table, last
from pixelmill.labels.table import Row, files_of

_HEADER = 30  # bytes of a file's own header, before its name (APPNOTE.TXT 4.3.7)


class Stored:
    """The files under `url`, a folder, a zip or several; `number` is that of their table."""

    def __init__(self, url: str, number: int) -> None:
        self._url, self._number = url, number
        self._zips: dict[str, str] = {}

    @property
    def tables(self) -> list[Table]:
        """The directory of the zips; none of a folder."""
        return [Table(self._url, ("name",), last, read=_files)] if self._is_zip else []

    @property
    def _is_zip(self) -> bool:
        return self._url.lower().endswith(".zip")

    def read(self, key: str, name: str, lookup: Lookup) -> bytes:
        """The file of that name; SampleError where there is none.

        Only the last component of a stranger's name counts, so that none leads outside the folder.
        """
        name = name.replace("\\", "/").rpartition("/")[2]
        rows = lookup(self._number, last(name)) if self._is_zip else ()
        if rows:
            return self._member(name, rows[0])
        if not self._is_zip and name:
            try:
                return storage.read(storage.join(self._url, name))
            except InputMissing:
                pass
        where = storage.masked(self._url)
        raise SampleError(
            f"{key}: its mask {name!r} is not in {where}; add it and retry", "mask_missing"
        )

    def _member(self, name: str, row: Row) -> bytes:
        """A file by its place in one of the zips."""
        if not self._zips:
            self._zips = {storage.name(url): url for url in files_of(self._url)}
        url, (start, size, method) = self._zips[row[0]], map(int, row[1:])
        head = storage.read_range(url, start, start + _HEADER)
        start += _HEADER + int.from_bytes(head[26:28], "little")
        start += int.from_bytes(head[28:30], "little")
        data = storage.read_range(url, start, start + size)
        if method == zipfile.ZIP_STORED:
            return data
        try:
            if method != zipfile.ZIP_DEFLATED:
                raise zlib.error(f"it is compressed by method {method}")
            return zlib.decompress(data, wbits=-15)
        except zlib.error as error:
            said = f"{name} in {storage.masked(url)} cannot be unpacked: {error}; zip it again"
            raise SampleError(said, "mask_broken") from error


def _files(url: str) -> Iterator[Row]:
    from pixelmill.sources.ranges import RangeFile

    try:
        with zipfile.ZipFile(RangeFile(url, storage.stat(url).size)) as archive:
            for one in archive.infolist():
                if not one.is_dir():
                    place = one.header_offset, one.compress_size, one.compress_type
                    yield one.filename, storage.name(url), *map(str, place)
    except zipfile.BadZipFile as error:
        said = f"{storage.masked(url)}: is no zip, or is cut short ({error}); copy it again"
        raise JobError([said]) from error
