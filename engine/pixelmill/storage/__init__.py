"""Storage: files and objects under URLs, read in large pieces and written whole.

Everything goes by URL: a local path, file://, memory://, s3://, gs://, az://, http(s)://.  Local
paths go by plain system calls, everything else by fsspec, imported when it is first needed.
"""

from pixelmill.storage.backends import configure, configured, filesystem
from pixelmill.storage.entries import (
    Entry,
    exists,
    glob,
    is_folder,
    is_glob,
    listing,
    stat,
    stat_all,
)
from pixelmill.storage.exclusive import create, rewrite
from pixelmill.storage.keeping import free_bytes, remove, remove_folder, sweep
from pixelmill.storage.reading import CHUNK, chunks, range_chunks, read, read_range
from pixelmill.storage.scrubbing import scrubbed
from pixelmill.storage.targets import expect_writable
from pixelmill.storage.uploading import Upload, write
from pixelmill.storage.urls import (
    is_local,
    join,
    lists_at_once,
    local_path,
    masked,
    name,
    parent,
    protocol,
)

__all__ = [
    "CHUNK",
    "Entry",
    "Upload",
    "chunks",
    "configure",
    "configured",
    "create",
    "exists",
    "expect_writable",
    "filesystem",
    "free_bytes",
    "glob",
    "is_folder",
    "is_glob",
    "is_local",
    "join",
    "listing",
    "lists_at_once",
    "local_path",
    "masked",
    "name",
    "parent",
    "protocol",
    "range_chunks",
    "read",
    "read_range",
    "remove",
    "remove_folder",
    "rewrite",
    "scrubbed",
    "stat",
    "stat_all",
    "sweep",
    "write",
]
