"""NIH: ChestX-ray14, Data_Entry_2017.csv and BBox_List_2017.csv, whose first lines are broken.

References
----------
Wang et al., "ChestX-ray8", CVPR 2017.
"""

from collections.abc import Iterable, Sequence
from typing import cast

from pixelmill.errors import SampleError
from pixelmill.job.labels import NihLabels
from pixelmill.labels.forms import Lookup, Table, Told, last
from pixelmill.labels.mended import Found, mended
from pixelmill.labels.record import POSITIVE, meta, record
from pixelmill.labels.repeated import repeated
from pixelmill.labels.table import Row

FINDINGS = (
    *("Atelectasis", "Cardiomegaly", "Effusion", "Infiltration", "Mass", "Nodule", "Pneumonia"),
    *("Pneumothorax", "Consolidation", "Edema", "Emphysema", "Fibrosis", "Pleural_Thickening"),
    *("Hernia", "No Finding"),
)
_NUMBERS = {name: number for number, name in enumerate(FINDINGS)} | {
    "Infiltrate": FINDINGS.index("Infiltration")  # so in BBox_List_2017.csv
}
# The first line has a comma within two names; the relabelling of 2019 has more columns behind.
_NAMES = (
    *("Image Index", "Finding Labels", "Follow-up #", "Patient ID", "Patient Age"),
    *("Patient Gender", "View Position", "Width", "Height", "Spacing x", "Spacing y"),
)
_META = _NAMES[2:3] + _NAMES[4:]
_BOX = ("Image Index", "Finding Label", "x", "y", "w", "h")
# Boxes were drawn on images of this size (BBox_List_2017.csv), that of the files.
_SIDE = 1024


class Nih:
    """Findings and boxes; the group is the patient."""

    source = "nih-chestxray14"

    def __init__(self, labels: NihLabels) -> None:
        self.tables = [Table(labels.table, _NAMES, last, _NAMES)]
        if labels.boxes:
            self.tables.append(Table(labels.boxes, _BOX, last, _BOX))
        self._boxes = labels.boxes is not None

    def classes(self, rows: Iterable[Row]) -> list[str]:  # noqa: ARG002
        return list(FINDINGS)

    def keys(self, key: str) -> Sequence[str]:
        return [last(key)]

    def told(self, key: str, rows: Sequence[Row], lookup: Lookup) -> Told:
        row = dict(zip(_NAMES[1:], rows[0], strict=True))
        numbers = sorted(_number(key, name) for name in row["Finding Labels"].split("|"))
        drawn = lookup(1, last(key)) if self._boxes else ()
        objects, notes = mended(map(_box, drawn), (_SIDE, _SIDE))
        said = {
            "group": row["Patient ID"],
            "width": _SIDE,
            "height": _SIDE,
            "labels": numbers,
            "label_state": [POSITIVE] * len(numbers),
            "objects": objects,
            "meta": meta(_META, [row[name] for name in _META]),
        }
        return Told(record(key, self.source, **said), notes=notes + repeated(rows))


def _number(key: str, name: str) -> int:
    if name not in _NUMBERS:
        raise SampleError(f"{key}: {name!r} is no finding of ChestX-ray14", "unknown_label")
    return _NUMBERS[name]


def _box(row: Row) -> Found:
    """A text that is no number stays one, and is counted by whoever mends it."""
    try:
        box: Sequence[float] = [*map(float, row[1:])]
    except ValueError:
        box = cast(Sequence[float], row[1:])
    return Found(_NUMBERS.get(row[0]), box)
