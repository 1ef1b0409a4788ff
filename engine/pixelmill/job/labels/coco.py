"""COCO: the JSON files that its tasks are published with."""

from typing import ClassVar, Literal

from pydantic import model_validator

from pixelmill.job.labels.form import FormOfLabels

# The order in which they are read: keypoints and captions join what instances say.
TASKS = ("instances", "keypoints", "stuff", "captions", "panoptic")


class CocoLabels(FormOfLabels):
    """COCO: a JSON for one at least of instances, keypoints, stuff, captions and panoptic.

    `panoptic_masks` is the folder, or the zip, of the PNGs of `panoptic`.
    """

    urls: ClassVar[tuple[str, ...]] = (*TASKS, "panoptic_masks")

    form: Literal["coco"]
    instances: str | None = None
    keypoints: str | None = None
    stuff: str | None = None
    captions: str | None = None
    panoptic: str | None = None
    panoptic_masks: str | None = None

    @property
    def files(self) -> dict[str, str]:
        """The URL of each task that is named."""
        named = {task: getattr(self, task) for task in TASKS}
        return {task: url for task, url in named.items() if url}

    @property
    def tells_classes(self) -> bool:
        return bool(self.files.keys() - {"captions"})

    @model_validator(mode="after")
    def _a_file_is_named(self) -> "CocoLabels":
        if not self.files:
            raise ValueError(f"name the JSON of one task at least: {', '.join(TASKS)}")
        if bool(self.panoptic) != bool(self.panoptic_masks):
            raise ValueError("panoptic and panoptic_masks belong together: name both")
        return self
