"""overlay: boxes, polygons, masks and keypoints drawn over a picture, to see that they fit."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from pydantic_core import from_json

from pixelmill.annotations.follow import MASK, PANOPTIC
from pixelmill.annotations.schema import has_objects
from pixelmill.codecs.labels import read_labels
from pixelmill.codecs.options import Decode
from pixelmill_kernels import rle

# Okabe and Ito's colours, which the colour-blind can tell apart, without black.
_COLORS = ((230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66), (0, 114, 178),
           (213, 94, 0), (204, 121, 167))  # fmt: skip
_VEIL = 110  # of 255: how much of a mask's colour covers the picture
_DOT, _NAMED = 2, 24  # pixels of the page: a keypoint's radius, the least box that has a name


class Shown(NamedTuple):
    """One object: its row of the columns, and the colour that it has before and after."""

    row: Mapping[str, Any]
    color: tuple[int, int, int]


def annotated(fields: Mapping[str, bytes]) -> bool:
    """Whether there is anything to draw."""
    return any(name in fields for name in (MASK, PANOPTIC)) or bool(_record(fields))


def draw_annotations(
    picture: Image.Image, fields: Mapping[str, bytes], classes: Sequence[str] = ()
) -> Image.Image:
    """An RGB picture, of any scale, with what the sample's other members say of it drawn over."""
    page = picture.convert("RGBA")
    for name in (MASK, PANOPTIC):
        if name in fields:
            page.alpha_composite(_dense(fields[name], name, page.size))
    record = _record(fields)
    if record:
        size = record["width"] or picture.width, record["height"] or picture.height
        scale = page.width / size[0], page.height / size[1]
        for shown in _objects(record):
            _veil(page, shown, scale)
        draw = ImageDraw.Draw(page)
        for shown in _objects(record):
            _lines(draw, shown, scale, classes)
    return page.convert("RGB")


def _record(fields: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        record = from_json(fields.get("json", b""))
    except ValueError:
        return {}
    return record if has_objects(record) else {}


def _objects(record: Mapping[str, Any]) -> Iterator[Shown]:
    """The objects; the same id has the same colour on every picture."""
    columns = record["objects"]
    for n in range(len(columns["bbox"])):
        row = {name: column[n] for name, column in columns.items() if column}
        yield Shown(row, _COLORS[int(row.get("id", n)) % len(_COLORS)])


def _dense(data: bytes, name: str, size: tuple[int, int]) -> Image.Image:
    """A mask whose levels are classes or segments: each in a colour of its own, 0 in none."""
    levels = read_labels(data, Decode(), name).levels.astype(np.int64)
    numbers = levels @ (256 ** np.arange(levels.shape[2]))
    colors = np.array([(*_COLORS[n % len(_COLORS)], _VEIL) for n in range(len(_COLORS))], np.uint8)
    veil = colors[numbers * 2654435761 % 4294967296 // 65536 % len(colors)]  # Knuth's hash
    veil[numbers == 0] = 0
    return Image.fromarray(veil, "RGBA").resize(size, Image.Resampling.NEAREST)


def _veil(page: Image.Image, shown: Shown, scale: tuple[float, float]) -> None:
    """The area of a mask or of polygons."""
    color = (*shown.color, _VEIL)
    if text := shown.row.get("rle_counts"):
        high, wide = shown.row["rle_size"]
        mask = rle.decode(rle.from_text(text.encode("ascii")), (high, wide))
        alpha = Image.fromarray(mask * np.uint8(_VEIL), "L").resize(page.size)
        page.paste(Image.new("RGBA", page.size, shown.color), mask=alpha)
    for ring in shown.row.get("polygons", ()):
        layer = Image.new("RGBA", page.size)
        ImageDraw.Draw(layer).polygon(_points(ring, scale), color)
        page.alpha_composite(layer)


def _lines(
    draw: ImageDraw.ImageDraw, shown: Shown, scale: tuple[float, float], classes: Sequence[str]
) -> None:
    """Outlines, the box, keypoints and the name, over all areas."""
    row, color = shown
    for ring in row.get("polygons", ()):
        points = _points(ring, scale)
        draw.line([*points, points[0]], color, 1)
    x, y, width, height = row["bbox"]
    (left, top), (right, bottom) = _points([x, y, x + width, y + height], scale)
    draw.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), None, color, 1)
    flat = row.get("keypoints", ())
    for x, y, seen in zip(flat[::3], flat[1::3], flat[2::3], strict=True):
        if seen > 0:
            [(across, down)] = _points([x + 0.5, y + 0.5], scale)
            dot = (across - _DOT, down - _DOT, across + _DOT, down + _DOT)
            draw.ellipse(dot, color if seen > 1 else None, (255, 255, 255))
    if right - left < _NAMED or bottom - top < _NAMED:
        return
    category = row.get("category", -1)
    name = classes[category] if 0 <= category < len(classes) else str(category)
    place = (left + 3, top + 1)
    draw.text(place, name, color, ImageFont.load_default(12), stroke_width=2, stroke_fill=(0, 0, 0))


def _points(flat: Sequence[float], scale: tuple[float, float]) -> list[tuple[float, float]]:
    return [(x * scale[0], y * scale[1]) for x, y in zip(flat[::2], flat[1::2], strict=True)]
