"""CheXpert: train.csv and valid.csv, whose four states of a finding stay apart.

References
----------
Irvin et al., "CheXpert", AAAI 2019.
"""

from collections.abc import Iterable, Sequence

from pixelmill.job.labels import ChexpertLabels
from pixelmill.labels.forms import Lookup, Table, Told, stem
from pixelmill.labels.record import meta, record
from pixelmill.labels.repeated import repeated
from pixelmill.labels.states import state
from pixelmill.labels.table import Row

FINDINGS = (
    *("No Finding", "Enlarged Cardiomediastinum", "Cardiomegaly", "Lung Opacity", "Lung Lesion"),
    *("Edema", "Consolidation", "Pneumonia", "Atelectasis", "Pneumothorax", "Pleural Effusion"),
    *("Pleural Other", "Fracture", "Support Devices"),
)
_META = ("Sex", "Age", "Frontal/Lateral", "AP/PA")


class Chexpert:
    """Findings in four states; the group is the patient, whose number is in the path."""

    source = "chexpert"

    def __init__(self, labels: ChexpertLabels) -> None:
        self.tables = [Table(labels.table, ("Path", *_META, *FINDINGS), _view)]

    def classes(self, rows: Iterable[Row]) -> list[str]:  # noqa: ARG002
        return list(FINDINGS)

    def keys(self, key: str) -> Sequence[str]:
        return [_view(key)]

    def told(self, key: str, rows: Sequence[Row], lookup: Lookup) -> Told:  # noqa: ARG002
        row = rows[0]
        found = zip(FINDINGS, row[len(_META) :], strict=True)
        said = {
            "group": _view(key).partition("/")[0],
            "labels": list(range(len(FINDINGS))),
            "label_state": [state(text, key, name) for name, text in found],
            "meta": meta(_META, row[: len(_META)]),
        }
        return Told(record(key, self.source, **said), notes=repeated(rows))


def _view(path: str) -> str:
    """patient00001/study1/view1_frontal, wherever the folder begins."""
    return "/".join(stem(path).split("/")[-3:])
