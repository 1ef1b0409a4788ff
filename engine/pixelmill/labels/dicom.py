"""DICOM: the record of an image by its own tags, of which only technical ones are kept."""

import hmac
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from pixelmill import storage
from pixelmill.codecs.dicom import opened_dicom, part_of_pydicom, tags_of
from pixelmill.errors import DecodeError, JobError, MissingPackage
from pixelmill.job.labels import DicomLabels
from pixelmill.labels.forms import Lookup, Table, Told
from pixelmill.labels.record import POSITIVE, record
from pixelmill.labels.table import Row

# What an image is and how its levels are meant; none of them says who, when or where.
TECHNICAL = (
    *("Modality", "BodyPartExamined", "ViewPosition", "ImageLaterality", "PatientOrientation"),
    *("PhotometricInterpretation", "BitsStored", "PixelRepresentation", "NumberOfFrames"),
    *("RescaleSlope", "RescaleIntercept", "RescaleType"),
    *("WindowCenter", "WindowWidth", "VOILUTFunction"),
    *("PixelSpacing", "ImagerPixelSpacing", "SliceThickness", "SpacingBetweenSlices"),
    *("KVP", "ConvolutionKernel", "Manufacturer", "ManufacturerModelName"),
    *("LossyImageCompression", "BurnedInAnnotation"),
)
_SAID = (
    "Patient identity is left out: of DICOM's tags only technical ones{more} are kept, in `meta`; "
    "`group` is {how} of the patient's number. Text burnt into the pixels, and names in keys, are "
    "not looked for; quarantine holds originals as they were."
)


class Dicom:
    """The group is a hash of the patient's number; a class is that of the source."""

    source = "dicom"

    def __init__(self, labels: DicomLabels) -> None:
        self.labels = labels
        self.tables = [Table("", ("image",), str, read=_one_row)]
        _expect_keywords(labels.keep_tags)
        self._key = storage.read(labels.patient_key) if labels.patient_key else b""

    def classes(self, rows: Iterable[Row]) -> list[str]:  # noqa: ARG002
        return []

    def facts(self) -> dict[str, Any]:
        more = "".join(f", {name}" for name in self.labels.keep_tags)
        how = "a keyed hash (HMAC-SHA256)" if self._key else "a hash (HMAC-SHA256, without a key)"
        return {"said": _SAID.format(more=more, how=how)}

    def keys(self, key: str) -> Sequence[str]:  # noqa: ARG002
        return [""]

    def told(self, key: str, rows: Sequence[Row], lookup: Lookup) -> Told:  # noqa: ARG002
        said = _class_of(lookup)
        said["height"], said["width"] = lookup.size
        data = lookup.sample.fields.get(lookup.image, b"")
        notes: Counter[str] = Counter()
        if data[128:132] == b"DICM":
            found = opened_dicom(data, pixels=False)
            tags = tags_of(found, (*TECHNICAL, *self.labels.keep_tags))
            said["meta"] = json.dumps(tags, ensure_ascii=False)
            said["group"] = self._group(tags_of(found, ("PatientID", "IssuerOfPatientID")))
            notes["patient_unknown"] += not said["group"]
        return Told(record(key, self.source, **said), notes=+notes)

    def _group(self, patient: Mapping[str, Any]) -> str:
        """A hash of the patient's number, and of who gave it out; "" where there is none."""
        number = str(patient.get("PatientID", "")).strip()
        if not number:
            return ""
        text = f"{number}\0{patient.get('IssuerOfPatientID', '')}"
        digest = hmac.new(self._key, text.encode("utf-8", "replace"), "sha256")
        return digest.hexdigest()[:16]


def _one_row(url: str) -> Iterator[Row]:  # noqa: ARG001
    """What an image says of itself needs no table; this is the row that each one finds."""
    yield ("",)


def _class_of(lookup: Lookup) -> dict[str, Any]:
    """The class that the source gave, by a folder or a file."""
    label = lookup.sample.fields.get("cls", b"").strip()
    if not label.isdigit():
        return {}
    return {"labels": [int(label)], "label_state": [POSITIVE]}


def _expect_keywords(keywords: Sequence[str]) -> None:
    try:
        known = part_of_pydicom("datadict")
    except DecodeError as error:
        raise MissingPackage("reading DICOM", "'pixelmill[dicom]'") from error
    unknown = [name for name in keywords if known.tag_for_keyword(name) is None]
    if unknown:
        raise JobError(
            [
                f"source.labels.keep_tags: DICOM has no tag {unknown[0]!r}; give keywords, such as "
                "PatientSex"
            ]
        )
