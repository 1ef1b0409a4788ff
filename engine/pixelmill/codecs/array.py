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


def read_npy(data: bytes) -> Header:
    """The size and colours of uint8 levels (height, width) or (height, width, 1, 3 or 4)."""
    shape, _, _ = _facts(data)
    height, width, channels = shape
    return Header("npy", width, height, _COLORS[channels], channels, alpha=channels == 4)


def decode(data: bytes, header: Header, options: Decode, notes: list[str]) -> npt.NDArray[Any]:
    """The levels in the colours of `options`, as an array of its own."""
    shape, fortran, start = _facts(data)
    order = "F" if fortran else "C"
    levels = np.frombuffer(data, np.uint8, offset=start).reshape(shape, order=order)  # type: ignore[call-overload]
    levels = np.array(levels, order="C")  # writable, and it does not keep the shard's bytes alive
    if options.color == "keep" or options.color == header.color:
        return levels
    image = Image.fromarray(levels[..., 0] if header.channels == 1 else levels)
    return painted(image, header, options, notes)


def encode(image: npt.NDArray[Any], options: Encode) -> bytes:
    """The bytes of a .npy file (version 1.0) in the dtype and layout of `options`."""
    values = _cast(image, options.dtype)
    if options.layout == "chw":
        values = values.transpose(2, 0, 1)
    values = np.ascontiguousarray(values)
    head = BytesIO()
    npy.write_array_header_1_0(head, npy.header_data_from_array_1_0(values))
    return b"".join((head.getbuffer(), values.data))


def _cast(image: npt.NDArray[Any], dtype: str) -> npt.NDArray[Any]:
    """Levels stay levels as uint8 and become 0..1 as floats; floats stay what they are."""
    if dtype == "uint8":
        if image.dtype != np.uint8:
            raise EncodeError(
                f"a uint8 array holds levels 0..255, got {image.dtype}; take dtype float32, or "
                "leave out the transform that makes floats, or decode with color gray or rgb"
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


def _facts(data: bytes) -> tuple[tuple[int, int, int], bool, int]:
    """(height, width, channels), whether it is in Fortran's order, and where the levels begin."""
    stream = BytesIO(data)
    version = npy.read_magic(stream)
    if version not in ((1, 0), (2, 0)):
        raise broken("npy", f"its version is {version}, and 1.0 and 2.0 can be read")
    read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
    shape, fortran, dtype = read(stream)
    shape = (*shape, 1) if len(shape) == 2 else shape
    if dtype != np.uint8 or len(shape) != 3 or shape[2] not in _COLORS:
        raise broken("npy", f"it holds {dtype} {shape}, not uint8 (height, width, 1, 3 or 4)")
    height, width, channels = shape
    if len(data) - stream.tell() != height * width * channels:
        raise broken("npy", f"it has {len(data) - stream.tell():,} bytes of levels for {shape}")
    return (height, width, channels), fortran, stream.tell()
