"""Run-length masks, polygons and overlaps against pycocotools, one core.

pytest bench/kernels/bench_annotations.py  (pip install pycocotools, which nothing else here needs)
"""

import numpy as np
import pytest

from pixelmill_kernels import rle
from pixelmill_kernels.overlap import box_iou
from pixelmill_kernels.polygon import fill

coco = pytest.importorskip("pycocotools.mask")

# pycocotools 2.0.11 makes its arrays in a way that NumPy 2 warns about
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
SIZE = (427, 640)
PIXELS = SIZE[0] * SIZE[1]


@pytest.fixture
def ring(rng):
    """An outline of 80 points, as COCO's annotators drew them."""
    angle = np.sort(rng.random(80)) * 2 * np.pi
    far = 150 * rng.uniform(0.6, 1, 80)
    return np.stack([320 + far * np.cos(angle), 210 + far * np.sin(angle)], 1)


@pytest.fixture
def cases(ring, rng):
    """What is done, by name: ours and theirs, both from and to what lies in a file."""
    text = rle.to_text(fill(ring, SIZE))
    theirs = {"size": list(SIZE), "counts": text}
    mask = coco.decode(theirs)
    boxes, others = rng.uniform(0, 100, (2, 100, 4))
    rows = np.arange(100, 400, dtype=np.int32)
    columns = np.arange(499, 99, -1, dtype=np.int32)

    def picked():
        return rle.to_text(rle.pick(rle.from_text(text), SIZE, rows, columns))

    def cut():
        part = coco.decode(theirs)[100:400, 100:500][:, ::-1]
        return coco.encode(np.asfortranarray(part))["counts"]

    return {
        "decode": (lambda: rle.decode(rle.from_text(text), SIZE), lambda: coco.decode(theirs)),
        "encode": (lambda: rle.to_text(rle.encode(mask)), lambda: coco.encode(mask)["counts"]),
        "crop and flip": (picked, cut),
        "area": (lambda: rle.area(rle.from_text(text)), lambda: coco.area(theirs)),
        "box": (lambda: rle.box(rle.from_text(text), SIZE), lambda: coco.toBbox(theirs)),
        "polygon": (
            lambda: rle.to_text(fill(ring, SIZE)),
            lambda: coco.frPyObjects([ring.reshape(-1).tolist()], *SIZE)[0]["counts"],
        ),
        "overlap 100 x 100": (
            lambda: box_iou(boxes, others),
            lambda: coco.iou(boxes, others, [0] * 100),
        ),
    }


NAMES = ("decode", "encode", "crop and flip", "area", "box", "polygon", "overlap 100 x 100")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("rival", ["ours", "pycocotools"])
def bench_annotations(timed, cases, name, rival):
    ours, theirs = cases[name]
    one, other = ours(), theirs()
    assert one == other if isinstance(one, bytes) else np.allclose(one, other)
    timed(f"{name} {SIZE[1]}x{SIZE[0]}px", ours if rival == "ours" else theirs, PIXELS)
