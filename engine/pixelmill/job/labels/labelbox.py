"""Labelbox: an export of version 2, as NDJSON or as one JSON array."""

from typing import ClassVar, Literal

from pixelmill.job.labels.form import FormOfLabels


class LabelboxLabels(FormOfLabels):
    """`table` is the export.  `named_by`: which name of a data row is that of its image.

    `masks`: a folder of mask files, each named by its object's feature_id, or as its URL ends.
    `download`: masks, and with `source.kind: listed` images too, come from the URLs in the export,
    which expire.  `project`: the id or the name of one project; all of them if left out.
    """

    urls: ClassVar[tuple[str, ...]] = ("table", "masks")

    form: Literal["labelbox"]
    table: str
    masks: str | None = None
    download: bool = False
    named_by: Literal["external_id", "global_key", "id"] = "external_id"
    project: str | None = None

    @property
    def lists_images(self) -> bool:
        return self.download
