"""Headroom: the memory that is left here before something is killed for want of it."""

import os
from collections.abc import Iterator
from pathlib import Path

_FULL = "RAY_memory_usage_threshold"
_CGROUPS = Path("/sys/fs/cgroup")
# (folder, limit, use, what of the use can be given back) of cgroups v2 and v1.
_FILES = (
    ("", "memory.max", "memory.current", "inactive_file"),
    ("memory", "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
)


def headroom() -> int:
    """Bytes until this machine, or the cgroup of this process, counts as full."""
    # Ray kills a worker above this share of the memory; its default serves without Ray, too.
    full = float(os.environ.get(_FULL, "0.95"))
    return max(0, min((round(full * size) - used for size, used in _sizes()), default=2**62))


def oom_kills() -> int:
    """How many processes the kernel has killed for want of memory, so far."""
    return _fact(Path("/proc/vmstat"), "oom_kill")


def _sizes() -> Iterator[tuple[int, int]]:
    """(all, used) of the machine, and of each cgroup around this process that has a limit."""
    size, free = (_fact(Path("/proc/meminfo"), name) for name in ("MemTotal:", "MemAvailable:"))
    if size:
        yield size * 1024, (size - free) * 1024
    for folder, limit, use, spare in _FILES:
        for group in _groups(folder):
            most, used = _number(group / limit), _number(group / use)
            if 0 < most < size * 1024:
                yield most, used - _fact(group / "memory.stat", spare)


def _groups(folder: str) -> Iterator[Path]:
    """The cgroup of this process as it sees it, and those around that."""
    for line in _text(Path("/proc/self/cgroup")).splitlines():
        _, kinds, path = line.split(":", 2)
        if kinds == folder:
            group = _CGROUPS / folder / path.lstrip("/")
            yield from (one for one in (group, *group.parents) if one.is_relative_to(_CGROUPS))


def _fact(path: Path, name: str) -> int:
    for line in _text(path).splitlines():
        words = line.split()
        if words[:1] == [name]:
            return int(words[1])
    return 0


def _number(path: Path) -> int:
    text = _text(path).strip()
    return int(text) if text.isdigit() else 0


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii")
    except OSError:  # no Linux, or another kind of cgroups
        return ""
