"""Table: anyone's table of labels, and what its columns mean."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from pixelmill.job.labels.form import Column, FormOfLabels


class Columns(BaseModel):
    """What the columns of a table mean.

    `label`: the one class of an image.  `labels`: its classes, apart by `separator`.  `states`: a
    column for each class that holds 1, 0, -1 (uncertain) or nothing.  `group`: the patient, scene
    ...; `split`: the side that the table names; `text`: a caption; `meta`: columns to be kept as
    they are, as one JSON text.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Column | None = None
    labels: Column | None = None
    states: list[Column] = []
    group: Column | None = None
    split: Column | None = None
    text: Column | None = None
    meta: list[Column] = []

    @property
    def named(self) -> list[str]:
        single = [self.label, self.labels, self.group, self.split, self.text]
        return list(dict.fromkeys([*filter(None, single), *self.states, *self.meta]))


class TableLabels(FormOfLabels):
    """A table, CSV (.gz, too) or Parquet, that is joined to the images by key.

    `table`: its URL; what is said of `source.urls` holds.  `key` names the column with the images'
    names, `columns` the others.  `classes`: their order; sorted if left out.
    """

    form: Literal["table"] = "table"
    table: str
    key: Column
    columns: Columns
    separator: Annotated[str, Field(min_length=1)] = "|"
    classes: list[str] | None = None

    @property
    def tells_classes(self) -> bool:
        return bool(self.columns.label or self.columns.labels or self.columns.states)

    @model_validator(mode="before")
    @classmethod
    def _columns_are_said(cls, value: Any) -> Any:
        if isinstance(value, dict) and not (value.get("key") and value.get("columns")):
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
        if not self.columns.named:
            raise ValueError("columns: say what they mean: {labels: ..., group: ...}")
        if sum(map(bool, (self.columns.label, self.columns.labels, self.columns.states))) > 1:
            raise ValueError("columns: give one of label, labels or states")
        return self
