"""Others: how much of these cores other programs, or other virtual machines, had meanwhile."""

import os
from pathlib import Path
from time import perf_counter, process_time

_STAT = Path("/proc/stat")
# proc_stat(5): the columns in which a core does nothing.
_IDLE = (3, 4)  # idle, iowait
_COLUMNS = 8  # user to steal; those of guests that follow are counted in user already


class Others:
    """Looks at the cores when it is made and when it is asked."""

    def __init__(self) -> None:
        self._cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
        self._before = self._now()

    def share(self) -> float | None:
        """Of these cores' time since then; None where the system does not tell."""
        now = self._now()
        if now is None or self._before is None:
            return None
        busy, ours, seconds = (
            after - before for after, before in zip(now, self._before, strict=True)
        )
        return max(0.0, busy - ours) / (seconds * len(self._cores))

    def _now(self) -> tuple[float, float, float] | None:
        """Seconds that the cores were busy, that this process was, and by the clock."""
        try:
            lines = _STAT.read_text("ascii").splitlines()
        except OSError:
            return None
        names = {f"cpu{core}" for core in self._cores}
        rows = [line.split()[1:] for line in lines if line.split(maxsplit=1)[0] in names]
        ticks = sum(
            int(value)
            for row in rows
            for column, value in enumerate(row[:_COLUMNS])
            if column not in _IDLE
        )
        return ticks / os.sysconf("SC_CLK_TCK"), process_time(), perf_counter()
