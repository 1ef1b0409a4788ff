"""Pinning: work held to so many cores, so that what one core does is done by one."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_CPUS = Path("/sys/devices/system/cpu")


@contextmanager
def pinned(cores: int) -> Iterator[None]:
    """This thread, and those it starts meanwhile, on `cores` of those that it may use.

    Where the system has no such thing (macOS), they run where it likes.
    """
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, set(_apart(before)[:cores]))
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _apart(cpus: set[int]) -> list[int]:
    """In the order in which to take them: one of each physical core first, then their siblings."""
    taken: dict[str, int] = {}
    order = []
    for cpu in sorted(cpus):
        siblings = siblings_of(cpu)
        order.append((taken.get(siblings, 0), cpu))
        taken[siblings] = taken.get(siblings, 0) + 1
    return [cpu for _, cpu in sorted(order)]


def siblings_of(cpu: int) -> str:
    """The hardware threads of its core, as Linux writes them: "0,64"."""
    try:
        return (_CPUS / f"cpu{cpu}/topology/thread_siblings_list").read_text("ascii").strip()
    except OSError:
        return str(cpu)
