"""What annotations of a stranger are taken for: the json record and the masks beside an image."""

import contextlib
import io
import json
import math

import numpy as np
from PIL import Image

from pixelmill.annotations.follow import MASK, PANOPTIC, RECORD, Follow
from pixelmill.annotations.options import Annotations
from pixelmill.codecs import peek
from pixelmill.codecs.options import Decode
from pixelmill.errors import SampleError
from pixelmill.geometry import Affine, Deformation, Projective
from pixelmill.sample import Leg, Sample

WIDTH, HEIGHT = 40, 30
SLOPE = np.linspace(-2, 2, WIDTH * HEIGHT, dtype=np.float32).reshape(HEIGHT, WIDTH)
CORNERS = ((2.0, 1.0), (38.0, 3.0), (39.0, 29.0), (1.0, 27.0))
# Cut, mirrored and made larger; turned by half a right angle; in perspective; deformed.
TRAILS = (
    (Leg(Affine(-1.5, 0, 50, 0, 1.5, -7), (32, 45)),),
    (Leg(Affine(0.7, -0.7, 12, 0.7, 0.7, -9), (HEIGHT, WIDTH)),),
    (Leg(Projective.of(CORNERS, WIDTH, HEIGHT), (HEIGHT, WIDTH)),),
    (Leg(Deformation(SLOPE, -SLOPE), (HEIGHT, WIDTH)),),
)
PIXELS = 1 << 16
DECODE = Decode(max_pixels=PIXELS)


def photo() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT)).save(file, "JPEG")
    return file.getvalue()


FOLLOW = Follow(Annotations(), peek(photo()), DECODE)


def record(data: bytes) -> None:
    """A record whose objects lie in the image, or refused by an error of ours."""
    for trail in TRAILS:
        with contextlib.suppress(SampleError):
            sample, _ = FOLLOW(Sample("a", {RECORD: data}, trail=trail))
            if sample.fields[RECORD] != data:
                _expect_inside(json.loads(sample.fields[RECORD]), trail[-1].size)


def _expect_inside(found: dict, size: tuple[int, int]) -> None:
    objects = found["objects"]
    assert {len(column) for column in objects.values()} <= {0, len(objects["bbox"])}
    assert (found["height"], found["width"]) == size
    for x, y, width, height in objects["bbox"]:
        assert all(map(math.isfinite, (x, y, width, height)))
        assert -0.01 <= x <= x + width <= size[1] + 0.01
        assert -0.01 <= y <= y + height <= size[0] + 0.01


def mask(data: bytes) -> None:
    """A mask as large as the image that it follows, or refused."""
    for name in (MASK, PANOPTIC):
        for trail in TRAILS:
            with contextlib.suppress(SampleError):
                sample, _ = FOLLOW(Sample("a", {name: data}, trail=trail))
                found = peek(sample.fields[name])
                assert (found.height, found.width) == trail[-1].size


def records() -> dict[str, bytes]:
    """Seeds: every column, by rows that a job of ours would write."""
    from pixelmill_kernels import rle

    drawn = np.zeros((HEIGHT, WIDTH), np.uint8)
    drawn[5:20, 8:30] = 1
    counts = rle.encode(drawn)
    objects = {
        "id": [7, 8, 9],
        "category": [1, 2, 3],
        "bbox": [[8.0, 5.0, 22.0, 15.0], [1.0, 2.0, 30.0, 20.0], [0.0, 0.0, 40.0, 30.0]],
        "area": [330.0, 600.0, 0.0],
        "iscrowd": [0, 0, 1],
        "rle_size": [[HEIGHT, WIDTH], [0, 0], [15, 20]],
        "rle_counts": [rle.to_text(counts).decode(), "", rle.to_text(counts).decode()],
        "polygons": [[], [[1.0, 2.0, 31.0, 2.0, 31.0, 22.0], [3.0, 3.0, 9.0, 3.0, 9.0, 9.0]], []],
        "keypoints": [[], [5.0, 5.0, 2.0] * 17, [1.0, 1.0, 0.0]],
    }
    relations = {"subj": [7, 8], "obj": [8, 9], "label": ["is", "on"]}
    whole = {"id": "a", "width": WIDTH, "height": HEIGHT, "objects": objects}
    half = {"id": "a", "width": 20, "height": 15, "objects": {"bbox": [[1, 1, 5, 5]]}}
    all_of = (("objects", whole), ("relations", {**whole, "relations": relations}), ("half", half))
    return {name: json.dumps(said).encode() for name, said in all_of}


def masks() -> dict[str, bytes]:
    levels = (np.add.outer(np.arange(HEIGHT), np.arange(WIDTH)) % 7).astype(np.uint8)
    images = {
        "gray": Image.fromarray(levels),
        "palette": Image.fromarray(levels).convert("P"),
        "deep": Image.fromarray(levels.astype(np.uint16) * 300),
        "ids": Image.fromarray(np.stack([levels] * 3, -1)),
        "half": Image.fromarray(levels[::2, ::2].copy()),
    }
    found = {}
    for name, image in images.items():
        file = io.BytesIO()
        image.save(file, "png")
        found[name] = file.getvalue()
    return found
