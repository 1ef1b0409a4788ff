"""odd: six files as they turn up in every large collection, for an honest demo."""

from collections.abc import Callable
from io import BytesIO
from typing import Any

from PIL import Image

from pixelmill.demo.cut import Pixels

_ORIENTATION, _QUARTER_TURN_RIGHT = (
    0x0112,
    6,
)  # the EXIF tag, and "turn clockwise to see it upright"


def _saved(image: Image.Image, kind: str = "JPEG", **options: Any) -> bytes:
    sink = BytesIO()
    image.save(sink, kind, **options)
    return sink.getvalue()


def _gray(image: Image.Image) -> bytes:
    return _saved(image.convert("L"), quality=92)


def _cmyk(image: Image.Image) -> bytes:
    return _saved(image.convert("CMYK"), quality=92)


def _turned(image: Image.Image) -> bytes:
    exif = Image.Exif()
    exif[_ORIENTATION] = _QUARTER_TURN_RIGHT
    return _saved(image.transpose(Image.Transpose.ROTATE_90), quality=92, exif=exif)


def _png(image: Image.Image) -> bytes:
    return _saved(image, "PNG", compress_level=1)


def _truncated(image: Image.Image) -> bytes:
    data = _saved(image, quality=92)
    return data[: len(data) * 3 // 5]


def _tiny(image: Image.Image) -> bytes:
    return _saved(image.resize((40, 30)), quality=92)


ODD: dict[str, Callable[[Image.Image], bytes]] = {
    "gray": _gray,
    "cmyk": _cmyk,
    "exif_turned": _turned,
    "png_named_jpg": _png,
    "truncated": _truncated,
    "tiny": _tiny,
}
"""Each kind's name, and how a photograph is saved as that kind; every one is named `.jpg`."""


def odd_bytes(kind: str, pixels: Pixels) -> bytes:
    """`pixels` as a file of that kind; "truncated" cannot be decoded, "tiny" is 40x30."""
    return ODD[kind](Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels))


def odd_places(samples: int) -> dict[int, str]:
    """Which of `samples` samples is of which kind, spread evenly over them."""
    if samples < len(ODD):
        raise ValueError(
            f"odd: got {samples} samples; ask for {len(ODD)} or more, one of each kind"
        )
    return {(2 * n + 1) * samples // (2 * len(ODD)): kind for n, kind in enumerate(ODD)}
