"""Labels: which table says what of the images, and in which of its columns."""

from typing import Annotated, Any, Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    field_validator,
    model_serializer,
    model_validator,
)

# The words that are URLs.
TABLES = frozenset(["table", "boxes", "metadata", "sides"])
Column = Annotated[str, Field(min_length=1)]


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


class Labels(BaseModel):
    """A table, CSV (.gz, too) or Parquet, that is joined to the images by key.

    `table`: its URL; what is said of `source.urls` holds.  `form`: "nih" (ChestX-ray14's
    Data_Entry), "chexpert", "mimic" (MIMIC-CXR-JPG's labels by study), which know their columns, or
    a "table" of which `key` names the column with the images' names and `columns` the others.
    `classes`: their order; sorted if left out.  `boxes`: ChestX-ray14's BBox_List.  `metadata`,
    `sides`: MIMIC's table of the images, and that of the sides.
    `without_row`: an image that no row names goes to "quarantine", or "keep" keeps it unlabelled.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    table: str
    form: Literal["table", "nih", "chexpert", "mimic"] = "table"
    key: Column | None = None
    columns: Columns = Columns()
    separator: Annotated[str, Field(min_length=1)] = "|"
    classes: list[str] | None = None
    boxes: str | None = None
    metadata: str | None = None
    sides: str | None = None
    without_row: Literal["quarantine", "keep"] = "quarantine"

    @property
    def tells_classes(self) -> bool:
        """Whether the table says what is in the images, and not only whose they are."""
        said = self.columns
        return self.form != "table" or bool(said.label or said.labels or said.states)

    @field_validator("classes", mode="before")
    @classmethod
    def _classes_are_text(cls, value: Any) -> Any:
        """YAML reads the class 3 as a number."""
        return [str(one) for one in value] if isinstance(value, list) else value

    @model_validator(mode="after")
    def _words_fit(self) -> "Labels":
        own = self.form == "table"
        if own and not (self.key and self.columns.named):
            raise ValueError(
                "name the column with the images' names (`key`) and what the others mean "
                "(`columns: {labels: ..., group: ...}`), or the `form`: nih, chexpert, mimic"
            )
        if not own and (self.key or self.columns.named or self.classes):
            raise ValueError(
                f"form: {self.form} knows its columns; leave out key, columns, classes"
            )
        if sum(map(bool, (self.columns.label, self.columns.labels, self.columns.states))) > 1:
            raise ValueError("columns: give one of label, labels or states")
        for word, form in (("boxes", "nih"), ("metadata", "mimic"), ("sides", "mimic")):
            if getattr(self, word) and self.form != form:
                raise ValueError(f"{word}: is a table of the form {form}, not of {self.form}")
        return self

    @model_serializer(mode="wrap")
    def _said_only(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        told: dict[str, Any] = plain(self)
        return {word: value for word, value in told.items() if value not in (None, {}, [])}
