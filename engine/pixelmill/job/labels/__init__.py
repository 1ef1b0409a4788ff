"""Labels: which tables say what of the images; a model for each form that they come in."""

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from pixelmill.job.labels.chest_films import ChexpertLabels, MimicLabels, NihLabels
from pixelmill.job.labels.coco import CocoLabels
from pixelmill.job.labels.dicom import DicomLabels
from pixelmill.job.labels.form import FormOfLabels
from pixelmill.job.labels.imagenet import ImagenetLabels
from pixelmill.job.labels.labelbox import LabelboxLabels
from pixelmill.job.labels.openimages import OpenImagesLabels
from pixelmill.job.labels.own import FolderLabels, HuggingFaceLabels, OwnLabels
from pixelmill.job.labels.table import TableLabels

__all__ = [
    "FORMS",
    "ChexpertLabels",
    "CocoLabels",
    "DicomLabels",
    "FolderLabels",
    "FormOfLabels",
    "HuggingFaceLabels",
    "ImagenetLabels",
    "LabelboxLabels",
    "Labels",
    "MimicLabels",
    "NihLabels",
    "OpenImagesLabels",
    "OwnLabels",
    "TableLabels",
]

FORMS = (
    *("table", "nih", "chexpert", "mimic", "coco", "openimages", "imagenet", "dicom"),
    *("labelbox", "huggingface", "folder"),
)


def _form(value: Any) -> str | None:
    """The branch of the union, in brackets as pydantic's own, so that no place ever shows it."""
    form = value.get("form", "table") if isinstance(value, dict) else getattr(value, "form", "")
    return f"form[{form}]" if form in FORMS else None


Labels = Annotated[
    Annotated[TableLabels, Tag("form[table]")]
    | Annotated[NihLabels, Tag("form[nih]")]
    | Annotated[ChexpertLabels, Tag("form[chexpert]")]
    | Annotated[MimicLabels, Tag("form[mimic]")]
    | Annotated[ImagenetLabels, Tag("form[imagenet]")]
    | Annotated[DicomLabels, Tag("form[dicom]")]
    | Annotated[CocoLabels, Tag("form[coco]")]
    | Annotated[OpenImagesLabels, Tag("form[openimages]")]
    | Annotated[LabelboxLabels, Tag("form[labelbox]")]
    | Annotated[HuggingFaceLabels, Tag("form[huggingface]")]
    | Annotated[FolderLabels, Tag("form[folder]")],
    Discriminator(
        _form,
        custom_error_type="form",
        custom_error_message=f"form: expected one of {', '.join(FORMS)}",
    ),
]
