"""Real annotations of COCO's val2017: polygons, crowds as runs, and panoptic masks, moved."""

import json
import os
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest
from record import fields_after, levels, record_of

from pixelmill.sample import Sample
from pixelmill_kernels import polygon, rle

CORPUS = Path(os.environ.get("PIXELMILL_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
COCO = CORPUS.parent / "data" / "coco"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not COCO.is_dir(), reason=f"no data beside {CORPUS}; set PIXELMILL_CORPUS"),
]
STEPS = {
    "half": [{"resize": 200}],
    "part": [{"random_resized_crop": {"size": 256, "scale": [0.3, 0.6]}}, "flip"],
    "turn": [{"rotate": {"degrees": [30, 30]}}],
}


def read(name):
    found = json.loads((COCO / name).read_text())
    rows = defaultdict(list)
    for row in found["annotations"]:
        rows[row["image_id"]].append(row)
    return [(image, rows[image["id"]]) for image in found["images"]]


def covered(rings, size):
    """What polygons cover together, in pixels."""
    mask = np.zeros(size, bool)
    for ring in rings:
        mask |= rle.decode(polygon.fill(np.array(ring).reshape(-1, 2), size), size).astype(bool)
    return mask


def photo_of(image, **fields):
    data = (COCO / "images" / image["file_name"]).read_bytes()
    return Sample(str(image["id"]), {"jpg": data, **fields}, "coco")


@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_polygons_masks_and_boxes_of_coco_stay_together(steps):
    moved = 0
    for image, rows in read("instances.json"):
        size = image["height"], image["width"]
        twins = []
        for row in rows:
            runs = rle.encode(covered(row["segmentation"], size))
            facts = {"bbox": row["bbox"], "area": row["area"], "id": row["id"]}
            text = rle.to_text(runs).decode()
            twins += [
                {**facts, "polygons": row["segmentation"]},
                {**facts, "rle_size": size, "rle_counts": text},
            ]
        sample = photo_of(image, json=record_of(size[1], size[0], *twins))
        record = json.loads(fields_after(sample, *steps)["json"])
        objects, size = record["objects"], (record["height"], record["width"])
        there = defaultdict(dict)
        for n, number in enumerate(objects["id"]):
            kind = "mask" if objects["rle_counts"][n] else "polygon"
            there[number][kind] = n
        for both in there.values():
            if len(both) < 2:  # of what is a pixel wide one may be too small and the other not
                continue
            text = objects["rle_counts"][both["mask"]].encode()
            mask = rle.decode(rle.from_text(text), size).astype(bool)
            shape = covered(objects["polygons"][both["polygon"]], size)
            one, other = (np.array(objects["bbox"][n]) for n in both.values())
            # pycocotools' fill is half a pixel fat before it is moved, and again after: two pixels
            assert np.abs(one[:2] - other[:2]).max() <= 2, image
            edge = mask ^ shape
            assert edge.sum() <= 1.5 * (mask ^ np.roll(mask, 1, 0)).sum() + 30, image
            moved += 1
    assert moved > 20


def test_crowds_of_coco_keep_their_pixels_in_their_runs():
    for image, rows in read("rle.json"):
        size = image["height"], image["width"]
        crowds = [row for row in rows if row["iscrowd"]]
        given = [np.array(row["segmentation"]["counts"], np.uint32) for row in crowds]
        objects = [
            {"bbox": row["bbox"], "rle_size": size, "rle_counts": rle.to_text(runs).decode()}
            for row, runs in zip(crowds, given, strict=True)
        ]
        sample = photo_of(image, json=record_of(size[1], size[0], *objects))
        steps = [{"center_crop": 200}, {"flip": "horizontal"}]
        found = json.loads(fields_after(sample, *steps)["json"])["objects"]
        top, left = (size[0] - 200) // 2, (size[1] - 200) // 2
        for n, runs in zip(found["id"], (given[n] for n in found["id"]), strict=True):
            cut = rle.decode(runs, size)[top : top + 200, left : left + 200][:, ::-1]
            text = found["rle_counts"][found["id"].index(n)].encode()
            np.testing.assert_array_equal(rle.decode(rle.from_text(text), (200, 200)), cut)


def test_segments_of_a_panoptic_mask_keep_their_names():
    image, (row,) = read("panoptic.json")[0]
    data = (COCO / "masks" / row["file_name"]).read_bytes()
    names = {segment["id"] for segment in row["segments_info"]}
    boxes = [{"id": s["id"], "bbox": [*map(float, s["bbox"])]} for s in row["segments_info"]]
    record = record_of(image["width"], image["height"], *boxes)
    sample = photo_of(image, json=record, **{"panoptic.png": data})
    found = fields_after(sample, {"resize": 160}, "flip")
    pixels = levels(found["panoptic.png"]).astype(int) @ [1, 256, 65536]
    assert set(np.unique(pixels)) <= names | {0}
    objects = json.loads(found["json"])["objects"]
    for number, (x, y, width, height) in zip(objects["id"], objects["bbox"], strict=True):
        ys, xs = np.nonzero(pixels == number)
        seen = (xs.min(), ys.min(), xs.max() + 1, ys.max() + 1)
        np.testing.assert_allclose(seen, (x, y, x + width, y + height), atol=1.01)
