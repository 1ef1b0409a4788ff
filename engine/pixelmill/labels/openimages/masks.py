"""Masks: the PNGs of Open Images, as runs of the image's size, given to their boxes."""

from collections.abc import Sequence

from pixelmill.annotations.masks import runs_scaled
from pixelmill.codecs import decode
from pixelmill.codecs.options import Decode
from pixelmill.errors import DecodeError, SampleError
from pixelmill.labels.forms import Lookup
from pixelmill.labels.mended import Runs
from pixelmill.labels.openimages.boxes import Boxes
from pixelmill.labels.stored import Stored
from pixelmill.labels.table import Row
from pixelmill_kernels import rle

MASKS = (
    *("ImageID", "MaskPath", "LabelName", "BoxID", "BoxXMin", "BoxXMax", "BoxYMin", "BoxYMax"),
    "PredictedIoU",
)
_IN = 127  # levels above are in: the PNGs are of one bit, and copies of them may not be
_GRAY = Decode(color="gray")


def cover(key: str, boxes: Boxes, rows: Sequence[Row], stored: Stored, lookup: Lookup) -> None:
    """Each mask to its box; SampleError where its PNG is not there or is none.

    Of an image that is not at hand no mask is read.
    """
    rows = rows if lookup.image else ()
    for path, mid, _, *corners, _ in rows:
        data = stored.read(key, path, lookup)
        boxes.cover(boxes.place(mid, corners), runs_of(key, path, data, boxes.size))


def runs_of(key: str, path: str, data: bytes, size: tuple[int, int]) -> Runs:
    """The runs of a PNG, by the nearest pixel where its size is another than the image's."""
    try:
        levels = decode(data, _GRAY).image[..., 0]
    except DecodeError as error:
        raise SampleError(f"{key}: its mask {path} is broken: {error}", "mask_broken") from error
    counts = rle.encode(levels > _IN)
    own = levels.shape[0], levels.shape[1]
    if all(size) and own != size:
        counts, own = runs_scaled(counts, own, size), size
    return own, rle.to_text(counts).decode("ascii")
