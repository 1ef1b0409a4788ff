"""Seeds: small files of every kind that the targets read, from which the fuzzer sets out."""

import gzip
import io
import struct
import tarfile
from collections.abc import Iterator
from pathlib import Path

import annotated
import joined
import numpy as np
import tabled
import zstandard
from PIL import Image, features

JOB = """\
source: {urls: ["a-{000..009}.tar"], kind: webdataset, image: jpg;png}
output: out/
decode: {color: rgb, max_pixels: 1000000}
transforms: [min_size: 64, resize: {size: 256, mode: shorter}, flip]
outputs: [{name: train, image: {format: jpeg, quality: 90}, shards: {samples: 100}}]
seed: 7
max_failures: 0.1
"""


def photo(format: str, mode: str = "RGB", **options: object) -> bytes:
    levels = np.add.outer(np.arange(13), np.arange(17)).astype(np.uint8) * 7
    file = io.BytesIO()
    Image.fromarray(levels).convert(mode).save(file, format, **options)
    return file.getvalue()


def exif() -> bytes:
    entry = struct.pack("<HHIHH", 0x112, 3, 1, 6, 0)
    return b"Exif\0\0II*\0\x08\0\0\0\x01\0" + entry + bytes(4)


def images() -> dict[str, bytes]:
    array = io.BytesIO()
    np.save(array, np.zeros((3, 4, 3), np.uint8), allow_pickle=False)
    found = {
        "jpeg": photo("JPEG", exif=exif()),
        "progressive": photo("JPEG", progressive=True),
        "cmyk": photo("JPEG", "CMYK"),
        "png": photo("PNG"),
        "palette": photo("PNG", "P", transparency=3),
        "webp": photo("WEBP"),
        "lossless": photo("WEBP", "RGBA", lossless=True, exif=exif()),
        "gif": photo("GIF", "P"),
        "animation": photo("GIF", "P", save_all=True, append_images=[Image.new("P", (17, 13))]),
        "tiff": photo("TIFF"),
        "deflated": photo("TIFF", "L", compression="tiff_adobe_deflate"),
        "bmp": photo("BMP"),
        "npy": array.getvalue(),
    }
    found |= {"dicom": film(), "dicom-jpeg": film(photo("JPEG", "L"))}
    return found | ({"avif": photo("AVIF")} if features.check("avif") else {})


def film(jpeg: bytes = b"") -> bytes:
    """A small DICOM file, of 16 bits, or with a JPEG inside."""
    import pydicom

    made = pydicom.Dataset()
    made.Rows, made.Columns, made.SamplesPerPixel = (13, 17, 1) if jpeg else (3, 4, 1)
    made.PhotometricInterpretation, made.PixelRepresentation = "MONOCHROME1", 0
    made.BitsAllocated = made.BitsStored = 8 if jpeg else 16
    made.HighBit = made.BitsStored - 1
    made.WindowCenter, made.WindowWidth, made.PatientID = 100, 50, "p"
    made.PixelData = pydicom.encaps.encapsulate([jpeg]) if jpeg else bytes(range(24))
    made["PixelData"].VR = "OB" if jpeg else "OW"
    made.file_meta = pydicom.dataset.FileMetaDataset()
    made.file_meta.TransferSyntaxUID = (
        pydicom.uid.JPEGBaseline8Bit if jpeg else pydicom.uid.ExplicitVRLittleEndian
    )
    file = io.BytesIO()
    made.save_as(file, enforce_file_format=False)
    return file.getvalue()


def tars() -> dict[str, bytes]:
    members = {
        "a.jpg": b"1" * 600,
        "a.cls": b"3",
        "größe.txt": b"x",
        "d/" + "n" * 120 + ".png": b"",
    }
    made = {}
    for name, kind in (("pax", tarfile.PAX_FORMAT), ("gnu", tarfile.GNU_FORMAT)):
        file = io.BytesIO()
        with tarfile.open(fileobj=file, mode="w", format=kind) as tar:
            for member, data in members.items():
                info = tarfile.TarInfo(member)
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
            link = tarfile.TarInfo("b.jpg")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
            tar.addfile(link)
        made[name] = file.getvalue().rstrip(b"\0") + bytes(1024)
    gz, zst = gzip.compress(made["pax"], mtime=0), zstandard.compress(made["gnu"])
    return made | {"gz": gz, "zst": zst}


def of(target: str) -> Iterator[tuple[str, bytes]]:
    """(name, bytes) for a target: those above, and what was once found, kept in finds/."""
    made = {
        "tar": tars,
        "header": images,
        "image": images,
        "job": lambda: {"job": JOB.encode()},
        "record": annotated.records,
        "mask": annotated.masks,
        "csv": tabled.csvs,
        "table": tabled.tables,
        "parquet": tabled.parquets,
        "coco": joined.cocos,
        "labelbox": joined.labelboxes,
        "matlab": joined.matlabs,
    }
    yield from made[target]().items()
    folder = Path(__file__).with_name("finds") / target
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        yield path.name, path.read_bytes()
