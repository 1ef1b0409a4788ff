"""Machine: what a figure depends on beside the code: processor, caches, load, versions, commit."""

import os
import subprocess
from pathlib import Path
from typing import Any

import pixelmill
from pixelmill.info import info
from pixelmill.measure.pinning import siblings_of

_CACHES = Path("/sys/devices/system/cpu/cpu0/cache")
_QUOTA = Path("/sys/fs/cgroup/cpu.max")


def machine_facts() -> dict[str, Any]:
    """What `pixelmill info` tells and more; nothing of it needs root, or names the host."""
    return {
        **info(),
        "physical_cores": _physical_cores(),
        "caches": caches(),
        "cpu_quota": _quota(),
        "load_before": round(os.getloadavg()[0], 2),
        "commit": _commit(),
    }


def caches() -> dict[str, int]:
    """Bytes of each cache that the first core has, such as {"L1d": 49152, "L3": 33554432}."""
    found = {}
    for folder in sorted(_CACHES.glob("index*")):
        facts = {name: _text(folder / name) for name in ("level", "type", "size")}
        letter = {"Data": "d", "Instruction": "i"}.get(facts["type"], "")
        if facts["size"].endswith("K"):
            found[f"L{facts['level']}{letter}"] = int(facts["size"][:-1]) * 1024
    return found


def _physical_cores() -> int:
    if not hasattr(os, "sched_getaffinity"):
        return os.cpu_count() or 1
    return len({siblings_of(cpu) for cpu in os.sched_getaffinity(0)})


def _quota() -> float | None:
    """The cores' worth of time that a container may use; None where that is not limited."""
    allowed, _, period = _text(_QUOTA).partition(" ")
    return int(allowed) / int(period) if allowed.isdigit() else None


def _commit() -> str:
    """Of the checkout that pixelmill runs from; "" for an installed one."""
    home = Path(pixelmill.__file__).parent
    if not any((folder / ".git").exists() for folder in home.parents[:3]):
        return ""
    commit = _git(home, "rev-parse", "HEAD")
    return f"{commit} and changes" if commit and _git(home, "status", "--porcelain") else commit


def _git(home: Path, *words: str) -> str:
    try:
        done = subprocess.run(
            ["git", "-C", str(home), *words], capture_output=True, text=True, timeout=10, check=True
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()


def _text(path: Path) -> str:
    try:
        return path.read_text("ascii").strip()
    except OSError:
        return ""
