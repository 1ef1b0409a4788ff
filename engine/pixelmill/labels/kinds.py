"""Kinds: the form that a job's labels are said to have."""

from collections.abc import Callable, Sequence
from typing import Any

from pixelmill.job.labels import (
    ChexpertLabels,
    CocoLabels,
    FormOfLabels,
    LabelboxLabels,
    MimicLabels,
    NihLabels,
    OpenImagesLabels,
    TableLabels,
)
from pixelmill.labels.chexpert import Chexpert
from pixelmill.labels.coco.form import Coco
from pixelmill.labels.columns import ByColumns
from pixelmill.labels.forms import Form
from pixelmill.labels.labelbox import Labelbox
from pixelmill.labels.mimic import Mimic
from pixelmill.labels.nih import Nih
from pixelmill.labels.openimages.form import OpenImages

_FORMS: dict[type[FormOfLabels], Callable[[Any], Form]] = {
    NihLabels: Nih,
    ChexpertLabels: Chexpert,
    MimicLabels: Mimic,
    CocoLabels: Coco,
    OpenImagesLabels: OpenImages,
}


def open_form(labels: FormOfLabels, classes: Sequence[str] = ()) -> Form:
    """The form; `classes` are those of a table whose columns the job names, once they are known."""
    if isinstance(labels, TableLabels):
        return ByColumns(labels, classes)
    if isinstance(labels, LabelboxLabels):
        return Labelbox(labels, classes)
    return _FORMS[type(labels)](labels)
