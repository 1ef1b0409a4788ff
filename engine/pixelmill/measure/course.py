"""Course: one job that is run by some workers and then by others, beside its codec floor."""

from collections.abc import Mapping, Sequence
from functools import partial

from pixelmill.clock import shares
from pixelmill.executors import cores
from pixelmill.measure.figures import Sheet
from pixelmill.measure.floor import CodecFloor
from pixelmill.measure.note import note_efficiency, note_floor, note_pace, note_steps, on
from pixelmill.measure.pace import Load, Pace, run_at_pace
from pixelmill.measure.turns import Probe
from pixelmill.sample import Sample


class Course:
    """The probes of a job; `last` has the newest run by its number of workers."""

    def __init__(self, name: str, load: Load, samples: Sequence[Sample]) -> None:
        self.name, self.load = name, load
        self.floor = CodecFloor(load.job, samples)
        self.last: dict[int, Pace] = {}

    def probes(self, counts: Sequence[int]) -> list[Probe]:
        return [Probe(f"{self.name}, {on(n)}", partial(self.note, workers=n)) for n in counts]

    def note(self, sheet: Sheet, workers: int) -> None:
        """Run it; on one core the floor comes right before, since their ratio is wanted."""
        floor = None
        if workers == 1 and not self.floor.is_nothing:
            floor = note_floor(sheet, self.name, self.floor)
        pace = self.last[workers] = run_at_pace(self.load, workers)
        note_pace(sheet, self.name, workers, pace)
        if workers == 1:
            note_steps(sheet, self.name, pace)
        if floor:
            group = f"{self.name}, {on(workers)}"
            note_efficiency(sheet, group, pace, floor, self.floor.images)

    def shares(self, workers: int) -> Mapping[str, float]:
        """The workers' time by step, in the newest run."""
        pace = self.last[workers]
        return shares(pace.steps, workers * pace.seconds)


def worker_counts(most: int | None = None) -> list[int]:
    """1, 2, 4 ... and all of the cores."""
    most = most or cores()
    return [*(n for n in (2**k for k in range(most.bit_length())) if n < most), most]
