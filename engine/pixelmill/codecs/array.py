"""Arrays: NumPy's own file format (.npy), as a source of levels and as an output."""

from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy
from PIL import Image

from pixelmill.codecs._refusal import broken
from pixelmill.codecs.colors import painted
from pixelmill.codecs.header import Header
from pixelmill.codecs.options import Decode, Encode
from pixelmill.errors import EncodeError

_COLORS = {1: "gray", 3: "rgb", 4: "rgba"}
BANDS = 16  # as many as kernels take; Sentinel-2 has 13
_LEVELS = (np.dtype(np.uint8), np.dtype(np.uint16), np.dtype(np.float32))


def read_npy(data: bytes) -> Header:
    """Of levels (height, width) or (height, width, bands): the size, and the colours of 8 bits.

    What is not gray, RGB or RGBA of 8 bits is "bands": nobody says what their colours are.
    """
    (height, width, channels), _, dtype, _ = _facts(data)
    color = _COLORS.get(channels, "bands") if dtype == np.uint8 else "bands"
    alpha, bits = color == "rgba", 8 * dtype.itemsize
    return Header("npy", width, height, color, channels, bits, alpha=alpha)


def decode(data: bytes, header: Header, options: Decode, notes: list[str]) -> npt.NDArray[Any]:
    """The levels in the colours of `options`, as an array of its own."""
    shape, fortran, dtype, start = _facts(data)
    if header.color == "bands" and options.color != "keep":
        raise broken(
            "npy",
            f"it holds {shape[2]} bands of {dtype}, which are neither {options.color} nor can be "
            "made it; set decode.color to keep",
        )
    order = "F" if fortran else "C"
    levels = np.frombuffer(data, dtype, offset=start).reshape(shape, order=order)  # type: ignore[call-overload]
    # writable, in this machine's byte order, and it does not keep the shard's bytes alive
    levels = np.array(levels, dtype.newbyteorder("="), order="C")
    if options.color == "keep" or options.color == header.color:
        return levels
    image = Image.fromarray(levels[..., 0] if header.channels == 1 else levels)
    return painted(image, header, options, notes)


def encode(image: npt.NDArray[Any], options: Encode) -> bytes:
    """The bytes of a .npy file (version 1.0) in the dtype and layout of `options`."""
    values = cast(image, options.dtype)
    if options.layout == "chw":
        values = values.transpose(2, 0, 1)
    values = np.ascontiguousarray(values)
    head = BytesIO()
    npy.write_array_header_1_0(head, npy.header_data_from_array_1_0(values))
    return b"".join((head.getbuffer(), values.data))


def cast(image: npt.NDArray[Any], dtype: str) -> npt.NDArray[Any]:
    """Levels stay levels as uint8 or uint16 and become 0..1 as floats; floats stay as they are."""
    if dtype in ("uint8", "uint16"):
        if image.dtype != dtype:
            raise EncodeError(
                f"a {dtype} array holds levels 0..{np.iinfo(dtype).max}, got {image.dtype}; take "
                "dtype float32 or that of the levels, or leave out the transform that makes "
                "floats, or decode with color gray or rgb"
            )
        return image
    if image.dtype.kind == "u":
        image = image.astype(np.float32) / np.float32(np.iinfo(image.dtype).max)
    if image.dtype == dtype:
        return image
    try:
        with np.errstate(over="raise"):
            return image.astype(dtype)
    except FloatingPointError:
        raise EncodeError(
            f"a float16 array holds at most 65504, got {np.abs(image).max()}; take dtype float32"
        ) from None


def _facts(data: bytes) -> tuple[tuple[int, int, int], bool, np.dtype[Any], int]:
    """(height, width, bands), whether in Fortran's order, of what, and where the levels begin."""
    stream = BytesIO(data)
    version = npy.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise broken("npy", f"its version is {version}, and 1.0 and 2.0 can be read")
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, dtype = read(stream)
    shape = (*shape, 1) if len(shape) == 2 else shape
    known = dtype.newbyteorder("=") in _LEVELS
    if not known or len(shape) != 3 or not 1 <= shape[2] <= BANDS:
        raise broken(
            "npy",
            f"it holds {dtype} {shape}, not uint8, uint16 or float32 (height, width, 1 to {BANDS} "
            "bands); np.moveaxis(array, 0, -1) puts bands last",
        )
    height, width, channels = shape
    if len(data) - stream.tell() != height * width * channels * dtype.itemsize:
        raise broken("npy", f"it has {len(data) - stream.tell():,} bytes of levels for {shape}")
    return (height, width, channels), fortran, dtype, stream.tell()
