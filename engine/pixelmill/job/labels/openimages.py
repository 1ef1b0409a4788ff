"""Open Images: the CSV files that V7 is published with."""

from typing import ClassVar, Literal

from pydantic import model_validator

from pixelmill.job.labels.form import FormOfLabels

# Any of them is enough for an image to be known.
TABLES = ("images", "boxes", "labels", "masks", "relations", "points")


class OpenImagesLabels(FormOfLabels):
    """Open Images: `classes` are the class descriptions, the others tables of V7.

    `images` is image-ids-with-rotation: licences, authors, subsets, rotations.  `mask_images` is
    the folder, the zip or the zips of the PNGs that `masks` names.
    `rotation`: "apply" turns images, and all that was drawn on them, as `images` says; "ignore"
    neither.
    """

    urls: ClassVar[tuple[str, ...]] = ("classes", *TABLES, "mask_images")

    form: Literal["openimages"]
    classes: str
    images: str | None = None
    boxes: str | None = None
    labels: str | None = None
    masks: str | None = None
    mask_images: str | None = None
    relations: str | None = None
    points: str | None = None
    rotation: Literal["ignore", "apply"] = "ignore"

    @property
    def files(self) -> dict[str, str]:
        """The URL of each table that is named."""
        named = {table: getattr(self, table) for table in TABLES}
        return {table: url for table, url in named.items() if url}

    @model_validator(mode="after")
    def _tables_are_named(self) -> "OpenImagesLabels":
        if not self.files:
            raise ValueError(f"name one table at least: {', '.join(TABLES)}")
        if bool(self.masks) != bool(self.mask_images):
            raise ValueError("masks and mask_images belong together: name both")
        if self.rotation == "apply" and not self.images:
            raise ValueError("rotation: apply needs the table that tells it, `images`")
        return self
