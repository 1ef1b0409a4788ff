"""contact_sheet: before and after, side by side, on one page that a person looks at."""

from collections.abc import Sequence
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont

from pixelmill import storage
from pixelmill.demo.overlay import annotated, draw_annotations
from pixelmill.demo.pairs import Pair, find_pairs, picture

_Box = tuple[int, int]

# All in pixels of the page; a page of three columns is about 2,000 wide.
_COLUMNS = 3
_BOX: _Box = (296, 236)  # width and height that a picture is drawn into; most are 4:3
_GAP, _PAD, _MARGIN = 24, 12, 36
_HEAD, _CAPTION = 104, 62
_CARD: _Box = (2 * _BOX[0] + 3 * _PAD, _BOX[1] + 2 * _PAD + _CAPTION)
# "after" is drawn at the scale of "before", so that a smaller image looks smaller, but never so
# small that nothing can be seen.
_LEAST_SHARE = 0.45

_PAPER, _WHITE, _LINE = "#eef0f3", "#ffffff", "#d9dde3"
_INK, _PALE, _ACCENT = "#1c2430", "#6b7686", "#2463c9"


def contact_sheet(
    before: Sequence[str],
    after: Sequence[str],
    path: str,
    pairs: int = 12,
    title: str = "pixelmill",
) -> int:
    """Draw `pairs` samples of the shards `after` beside what they were in the shards `before`.

    Writes the PNG or JPEG `path` (by its name) and returns how many pairs are on it; ValueError
    where no key is in both.
    """
    found = find_pairs(before, after, pairs)
    if not found:
        raise ValueError(
            f"contact sheet: no key of the {len(after)} output shards is in the {len(before)} "
            "input shards; give the shards of one job"
        )
    write_sheet(found, path, title)
    return len(found)


def write_sheet(pairs: Sequence[Pair], path: str, title: str, classes: Sequence[str] = ()) -> None:
    """Draw the pairs into the PNG or JPEG `path`, by its name."""
    sink = BytesIO()
    kind = "PNG" if path.lower().endswith(".png") else "JPEG"
    draw_sheet(pairs, title, classes).save(sink, kind, quality=90, optimize=True)
    storage.write(path, sink.getvalue())


def draw_sheet(pairs: Sequence[Pair], title: str, classes: Sequence[str] = ()) -> Image.Image:
    """The page: a heading, and a card for each pair; `classes` name the objects drawn on it."""
    columns = min(_COLUMNS, len(pairs))
    rows = -(-len(pairs) // columns)
    wide, high = _CARD
    size = (
        2 * _MARGIN + columns * wide + (columns - 1) * _GAP,
        _MARGIN + _HEAD + rows * high + (rows - 1) * _GAP,
    )
    page = Image.new("RGB", size, _PAPER)
    _draw_heading(ImageDraw.Draw(page), pairs, title)
    for number, pair in enumerate(pairs):
        row, column = divmod(number, columns)
        corner = _MARGIN + column * (wide + _GAP), _HEAD + row * (high + _GAP)
        _draw_card(page, pair, corner, classes)
    return page


def _draw_heading(draw: ImageDraw.ImageDraw, pairs: Sequence[Pair], title: str) -> None:
    read = _kilobytes(sum(len(pair.before) for pair in pairs))
    written = _kilobytes(sum(len(pair.after) for pair in pairs))
    draw.text((_MARGIN, 24), title, _INK, _font(34))
    line = f"before and after, {len(pairs)} samples: {read} in, {written} out"
    draw.text((_MARGIN, 66), line, _PALE, _font(19))


def _draw_card(page: Image.Image, pair: Pair, corner: _Box, classes: Sequence[str]) -> None:
    left, top = corner
    draw = ImageDraw.Draw(page)
    outline = (left, top, left + _CARD[0] - 1, top + _CARD[1] - 1)
    draw.rounded_rectangle(outline, 10, _WHITE, _LINE)
    stored = pair.stored and annotated(pair.fields[0])
    old, new = picture(pair.before, stored), picture(pair.after)
    middle = left + _BOX[0] + 2 * _PAD
    # Where lines are looked at, both are drawn as large as they can be.
    least = 1.0 if any(map(annotated, pair.fields)) else _LEAST_SHARE
    sizes, places = _drawn_sizes(old.size, new.size, least), (left + _PAD, middle)
    for image, fields, size, across in zip((old, new), pair.fields, sizes, places, strict=True):
        drawn = image.resize(size, Image.Resampling.LANCZOS)
        if annotated(fields):
            drawn = draw_annotations(drawn, fields, classes)
        _paste(page, drawn, (across, top + _PAD))
    line = top + _BOX[1] + 2 * _PAD
    draw.text((left + _PAD, line), _shortened(pair.key), _INK, _font(19))
    draw.text((left + _PAD, line + 28), _facts(old.size, pair.before), _PALE, _font(17))
    draw.text((middle, line), "after", _ACCENT, _font(19))
    draw.text((middle, line + 28), _facts(new.size, pair.after), _PALE, _font(17))


def _drawn_sizes(before: _Box, after: _Box, least: float = _LEAST_SHARE) -> tuple[_Box, _Box]:
    """How large the two are drawn: at one scale as long as both fit and both can be seen."""
    scale, most = _fit(before), _fit(after)
    return _scaled(before, scale), _scaled(after, min(max(scale, least * most), most))


def _fit(size: _Box) -> float:
    return min(_BOX[0] / size[0], _BOX[1] / size[1])


def _scaled(size: _Box, scale: float) -> _Box:
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _paste(page: Image.Image, image: Image.Image, corner: _Box) -> None:
    """In the middle of the box at `corner`."""
    (left, top), (wide, high) = corner, _BOX
    page.paste(image, (left + (wide - image.width) // 2, top + (high - image.height) // 2))


def _facts(size: _Box, data: bytes) -> str:
    return f"{size[0]} x {size[1]}, {_kilobytes(len(data))}"


def _kilobytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB" if count >= 999_500 else f"{count / 1e3:.0f} KB"


def _shortened(key: str) -> str:
    """The end of a long key, which tells samples apart."""
    return key if len(key) <= 28 else "…" + key[-27:]


def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)
