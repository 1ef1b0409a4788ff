"""Cut at every byte, one bit flipped anywhere: a result, or an error of ours, each time."""

import contextlib
import io
import random

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from pixelmill.codecs import decode
from pixelmill.codecs.options import Decode
from pixelmill.errors import PixelmillError, SampleError, ShardError
from pixelmill.sample import Failure, Sample
from pixelmill.shards.reader import read_shard
from pixelmill.shards.writer import TarWriter
from pixelmill.sources import open_source

LEVELS = (np.add.outer(np.arange(24), np.arange(31)) * 4).astype(np.uint8)
OPTIONS = Decode(max_pixels=1 << 20)
FLIPS = 400
FORMATS = {
    "jpeg": {"format": "JPEG"},
    "progressive": {"format": "JPEG", "progressive": True},
    "png": {"format": "PNG"},
    "webp": {"format": "WEBP"},
    "lossless": {"format": "WEBP", "lossless": True},
    "gif": {"format": "GIF"},
    "tiff": {"format": "TIFF"},
    "deflated": {"format": "TIFF", "compression": "tiff_adobe_deflate"},
    "bmp": {"format": "BMP"},
}


def image(kind):
    if kind == "npy":
        file = io.BytesIO()
        np.save(file, np.dstack([LEVELS] * 3), allow_pickle=False)
        return file.getvalue()
    file = io.BytesIO()
    Image.fromarray(LEVELS).convert("RGB").save(file, **FORMATS[kind])
    return file.getvalue()


def flipped(data, seed=20240):
    """`data` with one bit flipped, so many times."""
    draws = random.Random(seed)
    for _ in range(FLIPS):
        other = bytearray(data)
        other[draws.randrange(len(data))] ^= 1 << draws.randrange(8)
        yield bytes(other)


@pytest.mark.parametrize("kind", [*FORMATS, "npy"])
def test_an_image_cut_at_any_byte_is_whole_or_refused_and_never_half(kind, tried):
    data = image(kind)
    tried["files cut short"] += len(data)
    whole = decode(data, OPTIONS).image
    for cut in range(len(data)):
        with contextlib.suppress(SampleError):
            np.testing.assert_array_equal(decode(data[:cut], OPTIONS).image, whole)


@pytest.mark.parametrize("kind", [*FORMATS, "npy"])
def test_an_image_with_a_bit_flipped_is_decoded_or_refused(kind, tried):
    tried["files with a bit flipped"] += FLIPS
    for data in flipped(image(kind)):
        with contextlib.suppress(SampleError):
            assert decode(data, OPTIONS).image.dtype == np.uint8


def shard():
    pieces = []
    tar = TarWriter(pieces.append)
    for i in range(3):
        tar.add(f"größe-{i}", {"jpg": b"1" * 600, "cls": b"%d" % i})
    tar.close()
    return b"".join(pieces)


def samples(data):
    found = []
    with contextlib.suppress(ShardError):
        for one in read_shard([data], "shard.tar"):
            found.append(one)
    return found


def test_a_tar_cut_at_any_byte_gives_its_first_samples(tried):
    data = shard()
    tried["files cut short"] += len(data)
    whole = samples(data)
    for cut in range(len(data)):
        found = [one for one in samples(data[:cut]) if isinstance(one, Sample)]
        assert found == whole[: len(found)]


def test_a_tar_with_a_bit_flipped_gives_samples_that_can_be_written(tried):
    tried["files with a bit flipped"] += FLIPS
    for data in flipped(shard()):
        writer = TarWriter(lambda _: None)
        for one in samples(data):
            assert isinstance(one, Failure) or one.key
            writer.add(one.key, one.fields)


def parquet():
    file = io.BytesIO()
    table = pa.table({"image": [image("png"), b"", image("jpeg")], "label": [1, 2, 3]})
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


def rows(path):
    found = []
    with contextlib.suppress(PixelmillError):  # nothing to read is the job's mistake
        source = open_source([str(path)], "parquet")
        for part in source.parts():
            found += source.read(part)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("how", ["cut", "flipped"])
def test_a_damaged_parquet_gives_samples_or_an_error_of_ours(how, tmp_path, tried):
    data, path = parquet(), tmp_path / "a.parquet"
    cuts = [data[:cut] for cut in range(0, len(data), 3)]
    damages = cuts if how == "cut" else list(flipped(data))
    tried["files cut short" if how == "cut" else "files with a bit flipped"] += len(damages)
    for damaged in damages:
        path.write_bytes(damaged)
        assert len(rows(path)) <= 3
