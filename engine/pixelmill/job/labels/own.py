"""Own: labels that come with the images, in their folders' names, in files beside or in columns."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from pixelmill.job.labels.form import Column, FormOfLabels


class OwnLabels(FormOfLabels):
    """No table: what is said of an image is in its sample."""

    urls: ClassVar[tuple[str, ...]] = ()


class HuggingFaceLabels(OwnLabels):
    """Parquet of Hugging Face datasets, whose features say which column is what.

    `objects`, `mask`: the column of that, where it is not found by its type and its name; `group`,
    `side`: a column that says the patient, scene ..., and the side.  `bbox`: what four numbers of a
    box are: "xywh" (x, y, width, height), as the convention is, or "xyxy" corners.
    """

    form: Literal["huggingface"]
    objects: Column | None = None
    mask: Column | None = None
    group: Column | None = None
    side: Column | None = None
    bbox: Literal["xywh", "xyxy"] = "xywh"


class FolderLabels(OwnLabels):
    """Folders of images: the class is the folder's name, and masks lie beside, or elsewhere.

    The mask of a.jpg is a<mask_suffix>: beside it, or below `masks` under the same path.
    """

    urls: ClassVar[tuple[str, ...]] = ("masks",)

    form: Literal["folder"]
    masks: str | None = None
    mask_suffix: Annotated[str, Field(min_length=1)] | None = None
    classes_from: Literal["folder", "nothing"] = "folder"

    @property
    def tells_classes(self) -> bool:
        """Those that the folders' names tell are the source's own."""
        return self.classes_from == "nothing"

    @property
    def beside(self) -> str:
        """What the names of masks beside the images end with; "" where none lie there."""
        return self.mask_suffix or "" if self.masks is None else ""

    @model_validator(mode="after")
    def _suffix_names_a_png(self) -> "FolderLabels":
        if self.mask_suffix is not None and not self.mask_suffix.lower().endswith(".png"):
            raise ValueError(f"mask_suffix: masks are PNGs, {self.mask_suffix!r} names none")
        return self
