"""Quiet: warnings of Pillow and pydicom about odd files stay inside this package.

A sample is either fine or refused with a sentence; a warning printed from a worker helps nobody,
and under `-W error` it would become an exception in the middle of a decoder.
"""

import threading
import warnings
from types import TracebackType


class Quiet:
    """Ignores warnings raised from PIL while at least one thread is inside.

    `warnings.catch_warnings` alone is not for threads: two that overlap restore each other's
    filters and leave the process changed.  So the first one in sets the filters and the last one
    out restores them.  Only warnings of modules of PIL and pydicom are ignored meanwhile.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._inside = 0

    def __enter__(self) -> None:
        with self._lock:
            if self._inside == 0:
                self._saved = warnings.catch_warnings()
                self._saved.__enter__()
                warnings.filterwarnings("ignore", module=r"(PIL|pydicom)\b")
            self._inside += 1

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                self._saved.__exit__(None, None, None)


quiet = Quiet()
