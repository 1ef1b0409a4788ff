"""Folder: the class that a folder's name tells, and the mask under the same path elsewhere."""

from collections.abc import Sequence
from typing import Any

from pixelmill import codecs, storage
from pixelmill.errors import InputMissing, SampleError
from pixelmill.job.labels import FolderLabels
from pixelmill.labels.forms import Told
from pixelmill.labels.record import POSITIVE, record
from pixelmill.sample import Sample

_MASK = "seg.png"


class Folder:
    """The image's size and its class; of masks in a folder of their own each image has one."""

    source = "folder"

    def __init__(self, labels: FolderLabels) -> None:
        self.labels = labels

    def about(self, urls: Sequence[str], image: str, key: str | None) -> dict[str, Any]:  # noqa: ARG002
        return {"classes": []}

    def told(self, sample: Sample) -> tuple[Sample, Told]:
        """A mask that is no PNG is refused; where none is, that is counted."""
        fields, notes = dict(sample.fields), {}
        if self.labels.masks is not None and _MASK not in fields:
            found = self._mask(sample)
            if found is None:
                notes["without_mask"] = 1
            else:
                fields[_MASK] = found
        elif self.labels.beside and _MASK not in fields:
            notes["without_mask"] = 1
        if _MASK in fields and codecs.sniff(fields[_MASK]) != "png":
            raise SampleError("its mask is no PNG; write it as one", "mask_broken")
        header = codecs.peek(fields[sample.image_field])
        numbers = [int(fields["cls"])] if "cls" in fields else []
        said = {
            "height": header.height,
            "width": header.width,
            "labels": numbers,
            "label_state": [POSITIVE] * len(numbers),
            "captions": [fields["txt"].decode("utf-8", "replace")] if "txt" in fields else [],
            "meta": fields["json"].decode("utf-8", "replace") if "json" in fields else "",
        }
        left = Sample(sample.key, fields, sample.where, sample.image_field)
        return left, Told(record(sample.key, self.source, **said), notes=notes)

    def _mask(self, sample: Sample) -> bytes | None:
        """The mask under the image's key below `masks`, or under its name, which may have dots."""
        folder = sample.key.rpartition("/")[0]
        stem = storage.name(sample.where).rpartition(".")[0]
        for name in dict.fromkeys((sample.key, f"{folder}/{stem}" if folder else stem)):
            place = storage.join(
                self.labels.masks or "", name + (self.labels.mask_suffix or ".png")
            )
            try:
                return storage.read(place)
            except InputMissing:
                continue
        return None
