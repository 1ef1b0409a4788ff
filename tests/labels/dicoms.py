"""DICOM files made by pydicom, for the tests of this folder."""

import io

import numpy as np
import pytest

pytest.importorskip("pydicom")
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid


def dataset(pixels, photometric="MONOCHROME2", stored=None, syntax=ExplicitVRLittleEndian, **tags):
    """A data set of (height, width) or (height, width, 3) values, of a patient."""
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = syntax
    made.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    made.file_meta.MediaStorageSOPInstanceUID = generate_uid(entropy_srcs=["made"])
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID
    made.SOPInstanceUID = made.file_meta.MediaStorageSOPInstanceUID
    made.PatientName, made.PatientID, made.PatientBirthDate = "Doe^Jane", "12345", "19700101"
    made.InstitutionName, made.Modality, made.StudyDate = "Some Hospital", "DX", "20200102"
    made.Rows, made.Columns = pixels.shape[:2]
    made.SamplesPerPixel = 1 if pixels.ndim == 2 else 3
    if pixels.ndim == 3:
        made.PlanarConfiguration = 0
    made.PhotometricInterpretation = photometric
    made.BitsAllocated = 8 * pixels.itemsize
    made.BitsStored = stored or made.BitsAllocated
    made.HighBit = made.BitsStored - 1
    made.PixelRepresentation = int(pixels.dtype.kind == "i")
    made.PixelData = pixels.tobytes() + b"\0" * (pixels.nbytes % 2)
    made["PixelData"].VR = "OW" if pixels.itemsize == 2 else "OB"
    for name, value in tags.items():
        setattr(made, name, value)
    return made


def written(made):
    out = io.BytesIO()
    made.save_as(out, enforce_file_format=True)
    return out.getvalue()


def table(entries, first, bits, kind="VOI"):
    """A sequence of one LUT."""
    item = Dataset()
    item.add_new((0x0028, 0x3002), "SS" if first < 0 else "US", [len(entries), first, bits])
    item.add_new((0x0028, 0x3006), "US", [int(one) for one in entries])
    return [item]


def ramp(dtype=np.uint16, top=4095, shape=(48, 64), low=0):
    values = np.linspace(low, top, shape[0] * shape[1]).reshape(shape)
    return values.astype(dtype)
