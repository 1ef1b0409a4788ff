"""Box XML: the boxes of ImageNet's images, an XML file an image, in tars, tars of tars or alone.

<annotation> holds <size> <width> <height>, that of the image as annotators saw it, and <object>s of
<name> and <bndbox> <xmin> <ymin> <xmax> <ymax>.
"""

import json
from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from pixelmill import storage
from pixelmill.labels.table import Row
from pixelmill.shards.compression import decompressed
from pixelmill.shards.expand import SUFFIXES
from pixelmill.shards.members import MAX_MEMBER, Cut, read_members
from pixelmill.sources.stems import hidden

_EDGES = ("xmin", "ymin", "xmax", "ymax")
_FLAGS = ("truncated", "occluded")
# ImageNet's largest has less than 30 KB.
_MOST = 1 << 20


def box_rows(url: str) -> Iterator[Row]:
    """(image, width, height, objects as JSON) of each XML file; (image, "", "", "") of a broken
    one.

    The image is named by its file: <filename> sometimes says "%s".
    """
    if url.lower().endswith(".xml"):
        yield row_of(url, storage.read(url))
    else:
        yield from _packed(storage.chunks(url), storage.masked(url))


def _packed(chunks: Iterable[bytes], where: str) -> Iterator[Row]:
    for member in read_members(decompressed(chunks, where), where, MAX_MEMBER):
        if isinstance(member, Cut):
            raise member.error
        name = member.name.lower()
        if hidden(member.name):
            continue
        if name.endswith(SUFFIXES):
            yield from _packed([member.data], f"{where}/{member.name}")
        elif name.endswith(".xml"):
            yield row_of(member.name, member.data)


def row_of(name: str, data: bytes) -> Row:
    stem = name.rpartition("/")[2][: -len(".xml")]
    try:
        if len(data) > _MOST:
            raise ValueError(f"{len(data):,} bytes")
        root = ET.fromstring(data)
    except (ET.ParseError, ValueError):
        return stem, "", "", ""
    objects = [_object(one) for one in root.iter("object")]
    side = [root.findtext(f"size/{name}", "").strip() for name in ("width", "height")]
    return stem, *side, json.dumps(objects)


def _object(one: ET.Element) -> list[str]:
    """Its name, its four edges and its flags, as they are written."""
    edges = [one.findtext(f"bndbox/{edge}", "") for edge in _EDGES]
    flags = [one.findtext(flag, "") for flag in _FLAGS]
    return [text.strip() for text in (one.findtext("name", ""), *edges, *flags)]
