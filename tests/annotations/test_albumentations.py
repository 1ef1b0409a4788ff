"""Where the convention of albumentations 2.0.8 is ours, its boxes and masks are the oracle.

Not for keypoints, which it flips about the centres of pixels (W - 1 - x) and resizes by the plain
ratio, so that its own transforms do not agree with one another; nor for boxes that are turned and
cut, which it cuts after boxing them; nor for turns of masks, which go through OpenCV's fixed point.
"""

import json

import numpy as np
import pytest
from record import fields_after, levels, photo, png, record_of

albumentations = pytest.importorskip("albumentations")

WIDTH, HEIGHT = 100, 40
PAIRS = {
    "horizontal": ({"flip": "horizontal"}, lambda a: a.HorizontalFlip(p=1)),
    "vertical": ({"flip": "vertical"}, lambda a: a.VerticalFlip(p=1)),
    "crop": ({"center_crop": [20, 60]}, lambda a: a.CenterCrop(20, 60)),
    "half": (
        {"resize": {"size": [20, 50], "mode": "exact"}},
        lambda a: a.Resize(20, 50, mask_interpolation=0),
    ),
    "larger": ({"resize": {"size": [120, 200], "mode": "exact"}}, lambda a: a.Resize(120, 200)),
    "margin": (
        {"pad": {"border": [3, 5, 7, 9]}},
        lambda a: a.Pad(padding=(7, 3, 9, 5), border_mode=0),
    ),
}


@pytest.mark.parametrize(("step", "theirs"), PAIRS.values(), ids=PAIRS)
def test_boxes_and_masks_go_where_albumentations_puts_them(rng, step, theirs):
    corners = rng.uniform(0, 1, (30, 2, 2)) * (WIDTH, HEIGHT)
    corners = np.concatenate([corners.min(axis=1), corners.max(axis=1)], axis=1)
    mask = rng.integers(0, 4, (HEIGHT, WIDTH)).astype(np.uint8)
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    params = albumentations.BboxParams("pascal_voc", label_fields=["n"], min_width=1, min_height=1)
    found = albumentations.Compose([theirs(albumentations)], bbox_params=params)(
        image=image, mask=mask, bboxes=corners, n=np.arange(30)
    )
    rows = [{"bbox": [x, y, u - x, v - y]} for x, y, u, v in corners.tolist()]
    sample = photo(WIDTH, HEIGHT, json=record_of(WIDTH, HEIGHT, *rows), seg_png=png(mask))
    fields = fields_after(sample, step)
    objects = json.loads(fields["json"])["objects"]
    assert objects["id"] == [int(n) for n in found["n"]]
    ours = np.array(objects["bbox"])
    ours[:, 2:] += ours[:, :2]
    # 0.02: two decimals are written, of a corner and of a width; theirs are float32
    np.testing.assert_allclose(ours, found["bboxes"], atol=0.02)
    there = levels(fields["seg.png"])
    if step in (PAIRS["half"][0],):  # OpenCV's nearest is the left of the two, not the covering one
        np.testing.assert_array_equal(there, mask[1::2, 1::2])
    else:
        np.testing.assert_array_equal(there, found["mask"])
