"""Turns: everything is measured once a round, so that a machine that grows slower is so for all."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pixelmill.measure.figures import Sheet

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Probe:
    """Something to measure: `measure` does so once, and notes what it found."""

    name: str
    measure: Callable[[Sheet], object]


def by_turns(probes: Sequence[Probe], rounds: int, tell: Tell) -> Sheet:
    """A B C, A B C ...; the first time of all is for caches and compilers, and does not count."""
    for probe in probes:
        tell(f"warming up: {probe.name}")
        probe.measure(Sheet())
    sheet = Sheet()
    for number in range(rounds):
        for probe in probes:
            tell(f"round {number + 1} of {rounds}: {probe.name}")
            probe.measure(sheet)
    return sheet
