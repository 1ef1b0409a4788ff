"""Progress: what running tasks have done so far."""

from dataclasses import dataclass, field

from pixelmill.live import Live


@dataclass
class Progress:
    """What the tasks that are running now have done so far."""

    read: int = 0
    written: int = 0
    dropped: int = 0
    quarantined: int = 0
    bytes_read: int = 0
    bytes_written: int = 0
    tasks: int = 0
    seconds: dict[str, float] = field(default_factory=dict)

    def add(self, other: "Progress") -> None:
        for name in ("read", "written", "dropped", "quarantined", "bytes_read", "bytes_written"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.tasks += other.tasks
        for step, seconds in list(other.seconds.items()):
            self.seconds[step] = self.seconds.get(step, 0.0) + seconds


def progress_of(live: Live) -> Progress:
    """What a running task has done so far, read while it goes on."""
    tally = live.tally
    return Progress(
        tally.read,
        tally.written,
        sum(list(tally.dropped.values())),
        sum(list(tally.quarantined.values())),
        live.bytes_read,
        live.bytes_written,
        1,
        dict(list(live.clock.seconds.items())),
    )
