"""DICOM: what a data set says of its own image, without the patient."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from pixelmill.job.labels.form import FormOfLabels

Keyword = Annotated[str, Field(pattern=r"^[A-Z][A-Za-z0-9]*$")]


class DicomLabels(FormOfLabels):
    """Technical tags become `meta`, and a hash of the patient's number the group.

    Who the patient is, when and where, is left out: `keep_tags` are the keywords of more tags
    (PatientSex ...) that you may pass on.  `patient_key`: a file whose bytes key the hash; without
    it, whoever knows the numbers that there may be finds them by trying.
    """

    urls: ClassVar[tuple[str, ...]] = ("patient_key",)

    form: Literal["dicom"]
    keep_tags: list[Keyword] = Field(default_factory=list)
    patient_key: str | None = None

    @property
    def tells_classes(self) -> bool:
        return False
