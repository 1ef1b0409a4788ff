"""Kinds: the form that a job's labels are said to have."""

from collections.abc import Callable, Sequence
from typing import Any

from pixelmill.job.labels import (
    ChexpertLabels,
    CocoLabels,
    DicomLabels,
    FormOfLabels,
    ImagenetLabels,
    LabelboxLabels,
    MimicLabels,
    NihLabels,
    OpenImagesLabels,
    TableLabels,
)
from pixelmill.labels.chexpert import Chexpert
from pixelmill.labels.coco.form import Coco
from pixelmill.labels.columns import ByColumns
from pixelmill.labels.dicom import Dicom
from pixelmill.labels.forms import Form
from pixelmill.labels.imagenet import Imagenet
from pixelmill.labels.labelbox import Labelbox
from pixelmill.labels.mimic import Mimic
from pixelmill.labels.nih import Nih
from pixelmill.labels.openimages.form import OpenImages

_FORMS: dict[type[FormOfLabels], Callable[[Any], Form]] = {
    NihLabels: Nih,
    ChexpertLabels: Chexpert,
    MimicLabels: Mimic,
    DicomLabels: Dicom,
    CocoLabels: Coco,
    OpenImagesLabels: OpenImages,
}


def open_form(labels: FormOfLabels, classes: Sequence[str] = ()) -> Form:
    """The form; `classes` are those that only the tables tell, once they are known."""
    if isinstance(labels, TableLabels):
        return ByColumns(labels, classes)
    if isinstance(labels, ImagenetLabels):
        return Imagenet(labels, classes)
    if isinstance(labels, LabelboxLabels):
        return Labelbox(labels, classes)
    return _FORMS[type(labels)](labels)
