"""Holder: the process that has an output folder, told so that another can see whether it lives."""

import os
import socket
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a folder.  `machine` tells kernels and process namespaces apart, `began` processes.

    `since` and `last` (UTC) are for people; nothing is judged by them.
    """

    host: str
    pid: int
    machine: str
    began: str
    since: str
    last: str = ""
    beat: int = 0

    @property
    def is_here(self) -> bool:
        """Whether it ran on this machine, so that its process can be looked for."""
        return bool(self.machine) and self.machine == this_machine()

    @property
    def is_gone(self) -> bool:
        """Whether its process is known to have ended."""
        return self.is_here and began(self.pid) != self.began

    def __str__(self) -> str:
        return f"process {self.pid} on {self.host}, since {self.since}, last heard of {self.last}"

    def alive(self) -> "Holder":
        """The same with another sign of life."""
        return replace(self, last=_now(), beat=self.beat + 1)


def ourselves() -> Holder:
    """This process, just begun."""
    pid = os.getpid()
    return Holder(socket.gethostname(), pid, this_machine(), began(pid), _now()).alive()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def this_machine() -> str:
    """What processes that see each other have in common; "" where there is no /proc to tell it."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{socket.gethostname()} {boot} {os.readlink('/proc/self/ns/pid')}"
    except OSError:
        return ""


def began(pid: int) -> str:
    """When the kernel started this process, in its ticks; "" where there is none, or it is dead."""
    try:
        # The name, field 2, may hold anything but a line's last ")": state is field 3, start 22.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] in "ZX" else fields[19]
