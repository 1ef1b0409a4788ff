"""Supervise: a command runs in a child, and is begun again where it died of one of its samples.

The parent holds nothing but the notes of which tasks run (see `inflight`), passes signals on, and
ends as the child does.  A child that was killed on purpose is not begun again; one that crashed,
was killed for want of memory, or hangs in code that keeps the interpreter's lock, is, with the
tasks that ran at that time guarded.
"""

import os
import resource
import signal
import sys
from collections.abc import Iterable
from typing import NoReturn

from pixelmill import inflight
from pixelmill.headroom import oom_kills
from pixelmill.inflight import BEAT, InFlight
from pixelmill.lifeline import end_with

CRASHES = {signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL}
PASSED_ON = {
    *(signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1),
    *(signal.SIGUSR2, signal.SIGCONT),
}
HEARD = {*PASSED_ON, signal.SIGTSTP, signal.SIGCHLD}
# A task is given up by its executor before that; this ends what the executor cannot.
MOST = 5
_STAT_STATE = 2  # proc(5): the field of /proc/PID/stat that says T where it was stopped


def supervise() -> None:
    """Return in a child that does the work; the parent does not return, it ends as the work did."""
    notes, before = InFlight(), signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
    while True:
        kills, parent = oom_kills(), os.getpid()
        child = os.fork()
        if child == 0:
            end_with(parent)
            os.setpgid(0, 0)  # what a terminal sends is passed on, once
            inflight.supervised = notes
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
            return
        status, hung = _wait(child, notes)
        if not os.WIFSIGNALED(status):
            sys.exit(os.WEXITSTATUS(status))
        number, tasks = os.WTERMSIG(status), notes.tasks
        short = number == signal.SIGKILL and not hung and oom_kills() > kills
        crashed = number in CRASHES or hung or short
        notes.crashes.update(tasks)
        if not tasks or not crashed or max(notes.crashes.values()) > MOST:
            _die(number)
        _say(_why(number, hung, short), tasks)
        notes.restarts += 1
        notes.clear()


def _wait(child: int, notes: InFlight) -> tuple[int, bool]:
    """How the child ended, and whether it was ended since it hung."""
    last, still, hung = 0, 0.0, False
    while True:
        heard = signal.sigtimedwait(HEARD, BEAT)
        if heard is not None:
            _pass_on(heard.si_signo, child)
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            return status, hung
        beats, patience = notes.pulse
        if beats != last or heard is not None or _stopped(child):
            last, still = beats, 0.0
            continue
        still += BEAT
        if patience and still > patience:
            hung = True
            os.kill(child, signal.SIGKILL)


def _pass_on(number: int, child: int) -> None:
    if number == signal.SIGTSTP:  # a child in the background would ignore it
        os.kill(child, signal.SIGSTOP)
        os.kill(os.getpid(), signal.SIGSTOP)
        os.kill(child, signal.SIGCONT)
    elif number != signal.SIGCHLD:
        os.kill(child, number)


def _stopped(child: int) -> bool:
    try:
        with open(f"/proc/{child}/stat", encoding="ascii", errors="replace") as facts:
            return facts.read().rpartition(")")[2].split()[_STAT_STATE - 2] == "T"
    except OSError:
        return False


def _why(number: int, hung: bool, short: bool) -> str:
    if hung:
        return "hung, in code that keeps the interpreter's lock, and was killed"
    if short:
        return "was killed by the system, for want of memory"
    return f"was ended by {signal.Signals(number).name}"


def _say(why: str, tasks: Iterable[str]) -> None:
    shown = "\x1b[?25h" if sys.stderr.isatty() else ""  # the line of progress hid the cursor
    print(
        f"{shown}pixelmill {why} while these tasks ran: {', '.join(tasks)}; it goes on, each of "
        "their samples in a process of its own",
        file=sys.stderr,
        flush=True,
    )


def _die(number: int) -> NoReturn:
    """As the child did, so that whoever waits for this process sees the same."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(number, signal.SIG_DFL) if number != signal.SIGKILL else None
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})
    os.kill(os.getpid(), number)
    sys.exit(128 + number)
