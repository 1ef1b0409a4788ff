"""Table: anyone's table of labels, and what its columns mean."""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pixelmill.job.labels.form import Column, FormOfLabels


class Columns(BaseModel):
    """What the columns of a table mean.

    `label`: the one class of an image.  `labels`: its classes, apart by `separator`.  `states`: a
    column for each class that holds 1, 0, -1 (uncertain) or nothing.  `group`: the patient, scene
    ...; `split`: the side that the table names; `text`: a caption; `meta`: columns to be kept as
    they are, as one JSON text.  `boxes`: JSON, [{"label": "cat", "bbox": [x, y, width, height]}]
    in pixels; `mask`: the path of a PNG, which becomes seg.png.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Column | None = None
    labels: Column | None = None
    states: list[Column] = []
    group: Column | None = None
    split: Column | None = None
    text: Column | None = None
    meta: list[Column] = []
    boxes: Column | None = None
    mask: Column | None = None

    @property
    def named(self) -> list[str]:
        single = [self.label, self.labels, self.group, self.split, self.text, self.boxes, self.mask]
        return list(dict.fromkeys([*filter(None, single), *self.states, *self.meta]))


class TableLabels(FormOfLabels):
    """A table, CSV (.gz, too) or Parquet, that is joined to the images by key.

    `table`: its URL; what is said of `source.urls` holds.  `key` names the column with the images'
    names, `columns` the others.  `classes`: their order; sorted if left out.  `images`: where the
    names are paths from, so that the table says which images there are (`source.kind: listed`);
    `masks`: the same of masks, the images' place if left out.
    """

    urls: ClassVar[tuple[str, ...]] = ("table", "images", "masks")

    form: Literal["table"] = "table"
    table: str
    key: Column
    columns: Columns = Columns()
    separator: Annotated[str, Field(min_length=1)] = "|"
    classes: list[str] | None = None
    images: str | None = None
    masks: str | None = None

    @property
    def tells_classes(self) -> bool:
        told = self.columns
        return bool(told.label or told.labels or told.states or told.boxes)

    @property
    def lists_images(self) -> bool:
        return self.images is not None

    @model_validator(mode="before")
    @classmethod
    def _columns_are_said(cls, value: Any) -> Any:
        said = isinstance(value, dict) and (value.get("columns") or value.get("images"))
        if isinstance(value, dict) and not (value.get("key") and said):
            raise ValueError(
                "name the column with the images' names (`key`) and what the others mean "
                "(`columns: {labels: ..., group: ...}`), or the `form`: nih, chexpert, mimic ..."
            )
        return value

    @field_validator("classes", mode="before")
    @classmethod
    def _classes_are_text(cls, value: Any) -> Any:
        """YAML reads the class 3 as a number."""
        return [str(one) for one in value] if isinstance(value, list) else value

    @model_validator(mode="after")
    def _columns_are_named(self) -> "TableLabels":
        if not self.columns.named and not self.images:
            raise ValueError("columns: say what they mean: {labels: ..., group: ...}")
        if sum(map(bool, (self.columns.label, self.columns.labels, self.columns.states))) > 1:
            raise ValueError("columns: give one of label, labels or states")
        if self.columns.mask and not (self.masks or self.images):
            raise ValueError("masks: say where the paths of the column of masks begin")
        return self
