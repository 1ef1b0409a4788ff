"""Windows and tables of other people's DICOM files, against the values that pydicom 3.0.2 gives."""

import io
import os
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelmill_kernels.lookup import lookup
from pixelmill_kernels.window import window

SHARED = Path(os.environ.get("PIXELMILL_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
FILES = SHARED.parent / "data" / "dicom"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not FILES.is_dir(), reason=f"the DICOM files are not at {FILES}"),
]


def element(data, group, number, kind):
    """The value of the first explicit little-endian element of a tag: enough for these files."""
    at = data.index(struct.pack("<HH2s", group, number, kind)) + 6
    if kind in (b"OB", b"OW"):
        (length,) = struct.unpack_from("<I", data, at + 2)
        return data[at + 6 :] if length == 0xFFFFFFFF else data[at + 6 : at + 6 + length]
    (length,) = struct.unpack_from("<H", data, at)
    return data[at + 2 : at + 2 + length]


def fragments(items):
    """The pieces of an encapsulated image; the first, its table of offsets, is empty here."""
    at = 0
    while items[at : at + 4] == b"\xfe\xff\x00\xe0":
        (length,) = struct.unpack_from("<I", items, at + 4)
        yield items[at + 8 : at + 8 + length]
        at += 8 + length


def stored(data, dtype):
    rows, columns = (struct.unpack("<H", element(data, 0x28, n, b"US"))[0] for n in (0x10, 0x11))
    kind = b"OW" if np.dtype(dtype).itemsize == 2 else b"OB"
    pixels = element(data, 0x7FE0, 0x10, kind)
    return np.frombuffer(pixels, dtype).reshape(rows, columns, 1).copy()


def test_a_modality_table_of_signed_values():
    data = (FILES / "mlut_18.dcm").read_bytes()
    twelve = stored(data, np.int16)
    image = (twelve << 4) >> 4  # 12 bits are stored, the highest of them the sign
    assert (image.min(), image.max()) == (-2048, 2047)
    entries, first, _ = struct.unpack("<HhH", element(data, 0x28, 0x3002, b"SS"))
    table = np.frombuffer(element(data, 0x28, 0x3006, b"US"), np.uint16)[:entries]
    found = lookup(image, table, first)
    assert (found.min(), found.max()) == (0, 65535)
    assert found.mean() == pytest.approx(33177.149, abs=5e-4)


def test_a_voi_table_of_bytes():
    data = (FILES / "vlut_04.dcm").read_bytes()
    entries, first, _ = struct.unpack("<HHH", element(data, 0x28, 0x3002, b"US"))
    table = np.frombuffer(element(data, 0x28, 0x3006, b"US"), np.uint16)[:entries]
    found = lookup(stored(data, np.uint8), table, first)
    assert found.mean() == pytest.approx(33109.316, abs=5e-4)


def test_a_window_of_a_chest_film():
    data = (FILES / "RG1_J2KI.dcm").read_bytes()
    picture = Image.open(io.BytesIO(b"".join(fragments(element(data, 0x7FE0, 0x10, b"OB")))))
    image = np.asarray(picture).astype(np.uint16)[..., None] >> 1  # Pillow makes 16 bits of 15
    assert (image.shape, image.min(), image.max()) == ((1955, 1841, 1), 803, 26512)
    found = window(image, 15000, 30000, bits=15)  # BitsStored; before MONOCHROME1's inversion
    assert (found.min(), found.max()) == (round(877.09), round(28958.26))
    # 0.01: each level is rounded, 3.6 million of them up and down
    assert found.mean() == pytest.approx(8073.457, abs=0.01)
    inverted = window(image, 15000, 30000, bits=15, invert=True)
    np.testing.assert_array_equal(inverted, 32767 - found)
