"""ImageNet: what ILSVRC2012 is published with."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from pixelmill.job.labels.form import FormOfLabels


class ImagenetLabels(FormOfLabels):
    """ImageNet (ILSVRC2012): the class is a folder's or an inner tar's name, or the ground truth.

    `devkit`: ILSVRC2012_devkit_t12.tar.gz, or its folder.  Without it, `synsets`: a text of a
    synset a line, or the train tar itself, or `wnids`: their list.  `subset`: "val" finds an
    image's class by its name in the devkit's ground truth.  `boxes`: a tar or a folder of XML.
    `order`, by which `cls` counts: "sorted" wnids from 0, "devkit" (ILSVRC2012_ID, from 1), or
    "slim", sorted from 1.
    """

    urls: ClassVar[tuple[str, ...]] = ("devkit", "synsets", "boxes")

    form: Literal["imagenet"]
    devkit: str | None = None
    synsets: str | None = None
    wnids: Annotated[list[str], Field(min_length=1)] | None = None
    subset: Literal["train", "val"] = "train"
    boxes: str | None = None
    order: Literal["sorted", "devkit", "slim"] = "sorted"

    @model_validator(mode="after")
    def _classes_are_named(self) -> "ImagenetLabels":
        if [self.devkit, self.synsets, self.wnids].count(None) != 2:
            raise ValueError("name the classes by one of `devkit`, `synsets` and `wnids`")
        if self.devkit is None and (self.subset == "val" or self.order == "devkit"):
            raise ValueError("subset: val and order: devkit need the `devkit`, which has them")
        return self
