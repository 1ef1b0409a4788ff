"""Matched: what the images of one task had in the index.

labels/000000.rows      a line of JSON, then the places in the index that a task's images had
"""

import json
from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from pixelmill import storage

FOLDER = "labels"


@dataclass(slots=True)
class Matched:
    """What the images of one task had in the index, and what of it was mended or left out."""

    images: int = 0
    without_row: int = 0
    examples: list[str] = field(default_factory=list)
    places: list[int] = field(default_factory=list)
    notes: Counter[str] = field(default_factory=Counter)

    def write(self, folder: str, task: str) -> None:
        head = {"images": self.images, "without_row": self.without_row, "examples": self.examples}
        data = json.dumps(head).encode() + b"\n" + np.array(self.places, "<u8").tobytes()
        storage.write(rows_url(folder, task), data)


def rows_url(folder: str, task: str) -> str:
    return storage.join(folder, FOLDER, f"{task}.rows")
