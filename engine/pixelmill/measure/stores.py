"""Stores: what the storage under an URL takes and gives: large files, ranges, small objects."""

import os
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from time import perf_counter

from pixelmill import storage
from pixelmill.measure.figures import Sheet
from pixelmill.measure.turns import Probe
from pixelmill.plan import Task
from pixelmill.random import Randomness

LARGE = 64 << 20  # bytes; eight of the pieces that a bucket is read and written in
RANGE, RANGES = 1 << 20, 32
SMALL, PUTS = 100_000, 16  # a photograph's size
# Requests at once: what a bucket answers as soon as one of them (bench/results/storage.json).
THREADS = 8


def store_probe(group: str, folder: str) -> Probe:
    return Probe(group, partial(note_folder, group=group, folder=folder))


def note_folder(sheet: Sheet, group: str, folder: str, large: int = LARGE) -> None:
    """Write one large file and several small ones below `folder`, read them again, remove them."""
    url = storage.join(folder, "large")
    piece = Randomness(0, "bench").generator().bytes(1 << 20)  # no storage can compress it away
    try:
        sheet.note(group, "write one file", _timed(large, _write, url, piece), "MB/s")
        _forget(url)
        sheet.note(group, "read one file", _timed(large, _read, url), "MB/s")
        _forget(url)
        starts = range(0, large - RANGE + 1, max(large // RANGES, RANGE))
        ranges = [partial(storage.read_range, url, at, at + RANGE) for at in starts]
        _note_many(sheet, group, "ranges of 1 MiB", ranges)
        urls = [storage.join(folder, f"small-{number}") for number in range(PUTS)]
        puts = [partial(storage.write, url, piece[:SMALL]) for url in urls]
        _note_many(sheet, group, "puts of 100 kB", puts)
    finally:
        storage.remove_folder(folder)


def note_source(sheet: Sheet, tasks: Sequence[Task]) -> None:
    """Ranges of a job's own inputs, spread over them; whole files where it reads a folder."""
    gets: list[Callable[[], bytes]] = []
    parts = [part for task in tasks for part in task.parts]
    for part in parts:
        if part.names:
            some = part.names[: -(-RANGES // len(parts))]
            gets += [partial(storage.read, storage.join(part.url, name)) for name in some]
        else:
            size = min(RANGE, part.size)
            step = max((part.size - size) // -(-RANGES // len(parts)), 1)
            starts = range(0, part.size - size + 1, step)
            gets += [partial(storage.read_range, part.url, at, at + size) for at in starts]
    name = "whole files" if parts[0].names else "ranges of 1 MiB"
    _note_many(sheet, "storage of the source", name, gets[: 2 * RANGES])


def _timed(size: int, work: Callable[..., None], *given: object) -> float:
    """MB/s."""
    start = perf_counter()
    work(size, *given)
    return size / 1e6 / (perf_counter() - start)


def _write(size: int, url: str, piece: bytes) -> None:
    with storage.Upload(url) as upload:
        for _ in range(size // len(piece)):
            upload.write(piece)
        upload.commit()


def _read(_: int, url: str) -> None:
    deque(storage.chunks(url), maxlen=0)


def _note_many(sheet: Sheet, group: str, name: str, calls: Sequence[Callable[[], object]]) -> None:
    """Calls a second from `THREADS` threads, and the milliseconds that half of them take."""
    took: list[float] = []

    def call(one: Callable[[], object]) -> None:
        start = perf_counter()
        one()
        took.append(perf_counter() - start)

    with ThreadPoolExecutor(THREADS) as pool:
        start = perf_counter()
        list(pool.map(call, calls))
        seconds = perf_counter() - start
    sheet.note(group, name, len(calls) / seconds, "1/s")
    sheet.note(group, f"{name}, one of them", sorted(took)[len(took) // 2] * 1e3, "ms", "less")


def _forget(url: str) -> None:
    """Let the system drop a local file from its page cache, which takes no root for one's own."""
    if storage.is_local(url) and hasattr(os, "posix_fadvise"):
        descriptor = os.open(storage.local_path(url), os.O_RDONLY)
        with suppress(OSError):
            os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
