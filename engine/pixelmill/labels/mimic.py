"""MIMIC: MIMIC-CXR-JPG, whose findings are of a study, and whose images are of a DICOM file.

References
----------
Johnson et al., "MIMIC-CXR-JPG", arXiv 1901.07042, 2019.
"""

from collections.abc import Iterable, Sequence

from pixelmill.errors import SampleError
from pixelmill.job.labels import MimicLabels
from pixelmill.labels.chexpert import FINDINGS
from pixelmill.labels.forms import Lookup, Table, Told, last
from pixelmill.labels.record import meta, record
from pixelmill.labels.repeated import repeated
from pixelmill.labels.states import state
from pixelmill.labels.table import Row

_IMAGE = ("dicom_id", "subject_id", "study_id", "ViewPosition", "Rows", "Columns", "StudyDate")
_META = _IMAGE[2:4] + _IMAGE[6:]


class Mimic:
    """Findings in four states, of the study that an image is in; the group is the patient."""

    source = "mimic-cxr-jpg"

    def __init__(self, labels: MimicLabels) -> None:
        self.tables = [
            Table(labels.metadata, _IMAGE, last),
            Table(labels.table, ("study_id", *FINDINGS), str.strip),
        ]
        self._sides = labels.sides is not None
        if labels.sides:
            self.tables.append(Table(labels.sides, ("dicom_id", "split"), last))

    def classes(self, rows: Iterable[Row]) -> list[str]:  # noqa: ARG002
        return list(FINDINGS)

    def keys(self, key: str) -> Sequence[str]:
        return [last(key)]

    def told(self, key: str, rows: Sequence[Row], lookup: Lookup) -> Told:
        image = dict(zip(_IMAGE[1:], rows[0], strict=True))
        study = lookup(1, image["study_id"].strip())
        if not study:
            raise SampleError(
                f"{key}: no row has the labels of its study {image['study_id']}", "no_study"
            )
        side = lookup(2, last(key)) if self._sides else ()
        found = zip(FINDINGS, study[0], strict=True)
        said = {
            "group": image["subject_id"].strip(),
            "split": side[0][0] if side else "",
            "labels": list(range(len(FINDINGS))),
            "label_state": [state(text, key, name) for name, text in found],
            "meta": meta(_META, [image[name] for name in _META]),
        }
        return Told(record(key, self.source, **said), notes=repeated(rows) + repeated(study))
