"""Chest films: the tables that ChestX-ray14, CheXpert and MIMIC-CXR-JPG are published with."""

from typing import ClassVar, Literal

from pixelmill.job.labels.form import FormOfLabels


class NihLabels(FormOfLabels):
    """ChestX-ray14: `table` is its Data_Entry, `boxes` its BBox_List."""

    urls: ClassVar[tuple[str, ...]] = ("table", "boxes")

    form: Literal["nih"]
    table: str
    boxes: str | None = None


class ChexpertLabels(FormOfLabels):
    """CheXpert: `table` is train.csv or valid.csv."""

    form: Literal["chexpert"]
    table: str


class MimicLabels(FormOfLabels):
    """MIMIC-CXR-JPG: `table` has the findings, `metadata` the images, `sides` the split."""

    urls: ClassVar[tuple[str, ...]] = ("table", "metadata", "sides")

    form: Literal["mimic"]
    table: str
    metadata: str
    sides: str | None = None
