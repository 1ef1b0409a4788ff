"""Family: a process and all that it started, and the memory that they have together."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil


def family(pid: int) -> list[psutil.Process]:
    """A process and all below it; nothing where it has ended."""
    with suppress(psutil.Error):
        process = psutil.Process(pid)
        return [process, *process.children(recursive=True)]
    return []


@contextmanager
def memory_watched(pid: int, every: float) -> Iterator[list[int]]:
    """The family's bytes, shared pages counted once, at each `every` seconds as the block runs."""
    seen, over = [_memory(pid)], threading.Event()

    def look() -> None:
        while not over.wait(every):
            seen.append(_memory(pid))

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()


def _memory(pid: int) -> int:
    found = 0
    for process in family(pid):
        with suppress(psutil.Error):
            found += process.memory_full_info().pss
    return found
