"""ImageNet: what ILSVRC2012 is published with."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field, model_validator

from pixelmill.job.labels.form import FormOfLabels


class ImagenetLabels(FormOfLabels):
    """ImageNet (ILSVRC2012): the class is a folder's or an inner tar's name, or the ground truth.

    `devkit`: ILSVRC2012_devkit_t12.tar.gz, or its folder.  `synsets`, without it: a text of a
    synset a line, the train tar itself, or a list.  `subset`: "val" finds the class of an image by
    its name in the devkit's ground truth.  `boxes`: tars, or patterns, of XML files.  `order`: what
    `cls` counts by: "sorted" wnids from 0, "devkit" (ILSVRC2012_ID, from 1), or "slim", sorted from
    1.
    """

    urls: ClassVar[tuple[str, ...]] = ("devkit", "synsets", "boxes")

    form: Literal["imagenet"]
    devkit: str | None = None
    synsets: str | Annotated[list[str], Field(min_length=1)] | None = None
    subset: Literal["train", "val"] = "train"
    boxes: str | None = None
    order: Literal["sorted", "devkit", "slim"] = "sorted"

    @model_validator(mode="after")
    def _classes_are_named(self) -> "ImagenetLabels":
        if bool(self.devkit) == bool(self.synsets):
            raise ValueError("name the classes by one of `devkit` and `synsets`")
        if self.devkit is None and (self.subset == "val" or self.order == "devkit"):
            raise ValueError("subset: val and order: devkit need the `devkit`, which has them")
        return self
