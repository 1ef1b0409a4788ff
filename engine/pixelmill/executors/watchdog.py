"""Watchdog: a process that ends itself where code keeps the interpreter's lock for too long.

Nothing in Python can see that from inside: no thread runs, no question is answered.  The clock of
`faulthandler` is a thread that needs no lock.  It writes where each thread was, and ends the
process, whose death is then put down to what it worked on.
"""

import faulthandler
import threading
from math import isfinite

BEAT = 0.5  # s between two signs of life
STDERR = 2  # not sys.stderr, which in a Ray worker is no file


def watch(seconds: float) -> None:
    """End this process once no thread of it has run Python for so long; never where it is inf."""
    if isfinite(seconds):
        threading.Thread(target=_beat, args=(seconds,), daemon=True, name="watchdog").start()


def _beat(seconds: float) -> None:
    never = threading.Event()
    while True:
        faulthandler.dump_traceback_later(seconds + BEAT, file=STDERR, exit=True)
        never.wait(BEAT)
