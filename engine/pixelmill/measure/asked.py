"""Asked: how thoroughly to measure."""

from dataclasses import dataclass
from typing import Any

from pixelmill import storage as stores
from pixelmill.measure.sides import SIDES, Side

# The least with which two runs can be told apart at 99 % (see `ranks`).
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Asked:
    """`images` a core and run, as many as take a moment if left out; `storage` where to write.

    `sides` of a job are isolated; with `only_sides` nothing else of it is measured.
    """

    rounds: int = ROUNDS
    images: int | None = None
    storage: str | None = None
    workers: int | None = None
    sides: tuple[Side, ...] = SIDES
    only_sides: bool = False

    def to_json(self) -> dict[str, Any]:
        return {
            "rounds": self.rounds,
            "images": self.images,
            "storage": self.storage and stores.masked(self.storage),
            "workers": self.workers,
            "sides": list(self.sides),
            "only_sides": self.only_sides,
        }
