"""The decoder: from encoded bytes to pixels, whatever the format."""

from typing import Any, NamedTuple

import numpy.typing as npt

from pixelmill.codecs import array, jpeg, pillow
from pixelmill.codecs._limit import within
from pixelmill.codecs._refusal import DECODER_ERRORS, refused
from pixelmill.codecs.colors import background_of
from pixelmill.codecs.header import Header
from pixelmill.codecs.options import Decode
from pixelmill.codecs.orient import turned
from pixelmill.codecs.readers import peek
from pixelmill.errors import DecodeError


class Decoded(NamedTuple):
    """`image` is uint8 or uint16, (height, width, 1, 3 or 4 channels), C-contiguous, writable; that
    of an array may also be float32, and have up to 16 channels.

    `notes` names what was done on the way, for the tally: orientation_applied, orientation_ignored,
    cmyk_converted, alpha_flattened, icc_ignored, icc_converted, icc_broken, first_frame_taken,
    bits_reduced, scaled_decode, gray_expanded, burned_in_annotation.
    """

    image: npt.NDArray[Any]
    notes: tuple[str, ...]


def decode(
    data: bytes,
    options: Decode,
    header: Header | None = None,
    least: tuple[int, int] | None = None,
) -> Decoded:
    """The pixels of encoded bytes, as `options` ask for them.

    `header` is what `peek` said, where it was asked already.  With `least`, (height, width) as
    displayed, a JPEG may come at 1/2, 1/4 or 1/8 scale as long as it is at least that large.
    DecodeError where the bytes cannot be decoded, LimitError, before anything is allocated, where
    the image is larger than `options.max_pixels`.
    """
    header = header or peek(data)
    within(header.width, header.height, options)
    notes: list[str] = []
    if header.frames > 1:
        _take_first(header, options, notes)
    background_of(options.background)  # an unknown colour is the job's mistake, not the sample's
    try:
        image = _pixels(data, header, options, least, notes)
    except DECODER_ERRORS as error:
        raise refused(header.format, error) from error
    if header.orientation != 1:
        apply = options.orientation == "apply"
        notes.append("orientation_applied" if apply else "orientation_ignored")
        image = turned(image, header.orientation) if apply else image
    return Decoded(image, tuple(notes))


def _take_first(header: Header, options: Decode, notes: list[str]) -> None:
    if options.animation == "refuse":
        raise DecodeError(
            f"the {header.format} image has several frames; decode.animation: first takes one",
            "animated",
        )
    notes.append("first_frame_taken")


def _pixels(
    data: bytes,
    header: Header,
    options: Decode,
    least: tuple[int, int] | None,
    notes: list[str],
) -> npt.NDArray[Any]:
    """The stored pixels, before the EXIF orientation."""
    if header.format == "npy":
        return array.decode(data, header, options, notes)
    if header.format == "dicom":
        from pixelmill.codecs import dicom  # only a job of radiology waits for what it needs

        return dicom.decode(data, header, options, notes)
    if header.format != "jpeg":
        return pillow.decode(data, header, options, notes)
    if least is not None and header.orientation >= 5 and options.orientation == "apply":
        least = least[::-1]
    return jpeg.decode(data, header, options, least if options.scale == "auto" else None, notes)
