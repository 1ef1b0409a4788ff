"""pairs: some samples of a finished job, each with its image as it went in and as it came out."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import TypeVar

import numpy as np
from PIL import Image

from pixelmill import storage
from pixelmill.codecs import decode, sniff
from pixelmill.codecs.options import Decode
from pixelmill.sample import Sample
from pixelmill.shards.reader import read_shard

T = TypeVar("T")

_CHANNELS = (1, 3, 4)


@dataclass(frozen=True, slots=True)
class Pair:
    """The encoded image of one key, before and after.

    `fields` are all members of the two samples, whose annotations are drawn; those of the first
    were made on its `stored` pixels, or else on what EXIF makes of them.
    """

    key: str
    before: bytes
    after: bytes
    fields: tuple[Mapping[str, bytes], Mapping[str, bytes]] = ({}, {})
    stored: bool = True


def find_pairs(before: Sequence[str], after: Sequence[str], count: int) -> list[Pair]:
    """`count` samples spread over the shards `after`, with their images in the shards `before`.

    Reads no more output shards than pairs are wanted, and input shards only until all are found.
    """
    shards = spread(after, count)
    made: dict[str, bytes] = {}
    for number, url in enumerate(shards):
        share = count * (number + 1) // len(shards) - count * number // len(shards)
        made |= _spread_images(url, share)
    found: dict[str, bytes] = {}
    for url in before:
        if len(found) == len(made):
            break
        found |= {key: image for key, image in _images(url) if key in made}
    return [Pair(key, found[key], image) for key, image in made.items() if key in found]


def picture(data: bytes, stored: bool = False) -> Image.Image:
    """The image as a person sees it, in RGB; an array is stretched to levels 0..255.

    Upright, unless the pixels are wanted as they are `stored`.
    """
    if sniff(data) == "npy":
        return _array_picture(data)
    pixels = decode(data, Decode(orientation="ignore" if stored else "apply")).image
    return Image.fromarray(pixels.squeeze(2) if pixels.shape[2] == 1 else pixels).convert("RGB")


def _array_picture(data: bytes) -> Image.Image:
    array = np.load(BytesIO(data), allow_pickle=False).astype(np.float32)
    channels_first = array.shape[0] in _CHANNELS and array.shape[-1] not in _CHANNELS
    pixels = array.transpose(1, 2, 0) if channels_first else array
    low, high = float(pixels.min()), float(pixels.max())
    levels = ((pixels - low) * (255 / max(high - low, 1e-6)) + 0.5).astype(np.uint8)
    return Image.fromarray(levels.squeeze(2) if levels.shape[2] == 1 else levels).convert("RGB")


def _images(url: str) -> Iterator[tuple[str, bytes]]:
    for sample in read_shard(storage.chunks(url), url):
        image = _image_of(sample) if isinstance(sample, Sample) else None
        if image is not None:
            yield sample.key, image


def _image_of(sample: Sample) -> bytes | None:
    return next((data for data in sample.fields.values() if sniff(data)), None)


def _spread_images(url: str, count: int) -> dict[str, bytes]:
    return dict(spread(list(_images(url)), count))


def spread(things: Sequence[T], count: int) -> list[T]:
    """At most `count` of them, evenly spaced, in their order."""
    count = min(count, len(things))
    return [things[(2 * n + 1) * len(things) // (2 * count)] for n in range(count)]
