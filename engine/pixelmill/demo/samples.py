"""samples: a few photographs become many, in shards of the kind that people have.

Every sample is a function of (seed, its number) alone, whatever the number of threads or shards.
"""

import json
import os
from bisect import bisect
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import accumulate

from pixelmill import storage
from pixelmill.codecs import encode
from pixelmill.codecs.options import Encode
from pixelmill.demo.cut import LICENCES, NAMES, Piece, choose_piece, cut
from pixelmill.demo.looks import LOOKS, Kind, Look
from pixelmill.demo.odd import odd_bytes, odd_places
from pixelmill.random import Randomness
from pixelmill.shards.writer import TarWriter

Fields = dict[str, bytes]

_IN_COLOUR = [name for name in NAMES if name != "camera"]


def write_samples(
    folder: str,
    samples: int = 300,
    shards: int = 4,
    seed: int = 0,
    size: Kind = "imagenet",
    odd: bool = False,
) -> list[str]:
    """Write `samples` photographs (jpg, cls, json) into `folder`/train-000.tar and so on.

    `size` is one of `LOOKS`: "imagenet" 401x468 pixels and 107 KB on average, "web" 1024 to 1600 a
    side, "camera" and "camera-fine" 12 megapixels.
    With `odd`, six of them are what every collection holds too: gray, CMYK, turned by EXIF, a PNG
    named .jpg, one cut short, one tiny.  Returns the shards' URLs.
    """
    kinds = odd_places(samples) if odd else {}
    ends = [samples * (shard + 1) // shards for shard in range(shards)]
    urls = [storage.join(folder, f"train-{shard:03d}.tar") for shard in range(shards)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        made = pool.map(partial(make_sample, seed=seed, size=size, kinds=kinds), range(samples))
        for url, start, end in zip(urls, [0, *ends], ends, strict=False):
            _write_shard(url, made, end - start)
    return urls


def _write_shard(url: str, made: Iterator[tuple[str, Fields]], count: int) -> None:
    with storage.Upload(url) as upload:
        tar = TarWriter(upload.write)
        for _ in range(count):
            tar.add(*next(made))
        tar.close()
        upload.commit()


def make_sample(number: int, seed: int, size: Kind, kinds: dict[int, str]) -> tuple[str, Fields]:
    """The key and the fields of one sample."""
    look, random = LOOKS[size], Randomness(seed, f"{number:06d}")
    kind = kinds.get(number, "")
    piece = choose_piece(_choose_photo(random, number, look), _choose_size(random, look), random)
    quality = random.integer(look.quality[0], look.quality[1] + 1)
    pixels = cut(piece, random.uniform(*look.grain), random)
    full = look.full_chroma > 0 and random.uniform() < look.full_chroma
    options = Encode("jpeg", quality, "444" if full else "420")
    image = odd_bytes(kind, pixels) if kind else encode(pixels, options)
    fields = {
        "jpg": image,
        "cls": str(NAMES.index(piece.photo)).encode(),
        "json": json.dumps(_about(piece, kind), ensure_ascii=False).encode(),
    }
    return f"{piece.photo}-{number:06d}", fields


def _choose_photo(random: Randomness, number: int, look: Look) -> str:
    if not look.gray:
        return _IN_COLOUR[number % len(_IN_COLOUR)]
    if random.uniform() < look.gray:
        return "camera"
    return _IN_COLOUR[random.integer(0, len(_IN_COLOUR))]


def _choose_size(random: Randomness, look: Look) -> tuple[int, int]:
    sizes = list(look.sizes)
    if len(sizes) == 1:
        return sizes[0]
    up_to = list(accumulate(look.sizes.values()))
    high, wide = sizes[bisect(up_to, random.integer(0, up_to[-1]))]
    trim = random.uniform(0.85, 1.0) if random.uniform() < look.trimmed else 1.0
    return (round(high * trim), wide) if random.uniform() < 0.5 else (high, round(wide * trim))


def _about(piece: Piece, kind: str) -> dict[str, object]:
    left, top, right, bottom = (round(edge, 2) for edge in piece.box)
    about: dict[str, object] = {
        "photo": f"{piece.photo}.jpg",
        "licence": LICENCES[piece.photo],
        "crop": {"left": left, "top": top, "right": right, "bottom": bottom},
        "flipped": piece.flipped,
    }
    return about | ({"odd": kind} if kind else {})
