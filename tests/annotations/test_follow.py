"""Annotations through the pipeline, whichever transforms a job has."""

import json

import numpy as np
import pytest
from record import (
    fields_after,
    levels,
    mask_in,
    masked,
    objects_after,
    photo,
    png,
    record_of,
    through,
)

from pixelmill.sample import Failure

BOX = {"bbox": [10.0, 5.0, 21.0, 15.0]}


def boxes_after(*steps, exif=None, **options):
    sample = photo(100, 40, exif, json=record_of(100, 40, BOX))
    return objects_after(sample, *steps, **options)["bbox"]


# The values are albumentations 2.0.8's, of box (10, 5, 31, 20) in an image of 100 x 40.
@pytest.mark.parametrize(
    ("step", "corners"),
    [
        ({"flip": "horizontal"}, (69, 5, 90, 20)),
        ({"flip": "vertical"}, (10, 20, 31, 35)),
        ({"resize": {"size": [120, 200], "mode": "exact"}}, (20, 15, 62, 60)),
        ({"rotate90": 1}, (5, 69, 20, 90)),
        ({"rotate90": 2}, (69, 20, 90, 35)),
        ({"pad": {"border": [1, 2, 3, 4]}}, (13, 6, 34, 21)),
        ({"center_crop": [40, 60]}, (0, 5, 11, 20)),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_box_goes_where_the_pixels_go(step, corners):
    x, y, width, height = boxes_after(step)[0]
    assert (x, y, x + width, y + height) == corners


def test_a_box_is_left_out_where_less_of_it_is_seen_than_asked():
    crop = {"center_crop": [40, 60]}  # from x = 20 on: 11 of 21 columns, 0.5238, stay
    assert len(boxes_after(crop, annotations={"min_visibility": 0.52})) == 1
    sample = photo(100, 40, json=record_of(100, 40, BOX))
    outcome = through(sample, crop, annotations={"min_visibility": 0.53})
    record = json.loads(outcome.what.samples["train"].fields["json"])
    assert record["objects"]["bbox"] == record["objects"]["score"] == []
    assert list(outcome.notes) == ["annotation_hidden"]


def test_what_is_small_or_outside_is_left_out_and_counted():
    rows = [BOX, {"bbox": [10.0, 5.0, 1.5, 9.0]}, {"bbox": [90.0, 5.0, 9.0, 9.0]}]
    relations = {"subj": [0, 1], "obj": [0, 2], "label": ["is", "on"]}
    sample = photo(100, 40, json=record_of(100, 40, *rows, relations=relations))
    outcome = through(sample, {"resize": 20}, {"center_crop": [20, 30]})
    record = json.loads(outcome.what.samples["train"].fields["json"])
    assert record["objects"]["id"] == [0]
    assert record["relations"] == {"subj": [0], "obj": [0], "label": ["is"]}
    assert (record["width"], record["height"]) == (30, 20)
    assert (record["orig_width"], record["orig_height"]) == (100, 40)
    assert sorted(outcome.notes) == [
        *("annotation_outside", "annotation_outside", "relation_left_out")
    ]
    outcome = through(photo(100, 40, json=record_of(100, 40, *rows)), {"resize": 20})
    assert list(outcome.notes) == ["annotation_too_small"]


def test_what_a_crop_cut_off_does_not_come_back_in_a_margin():
    mask = np.zeros((40, 100), bool)
    mask[5:20, 10:31] = True
    ring = [10.0, 5.0, 31.0, 5.0, 31.0, 20.0, 10.0, 20.0]
    eye = [12.0, 7.0, 2.0, 25.0, 7.0, 2.0]
    rows = [BOX, masked(mask), {**BOX, "polygons": [ring]}, {**BOX, "keypoints": eye}]
    sample = photo(100, 40, json=record_of(100, 40, *rows), seg_png=png(mask.astype(np.uint8)))
    steps = {"center_crop": [40, 60]}, {"pad": {"border": [0, 0, 20, 20]}}
    found = fields_after(sample, *steps)
    objects = json.loads(found["json"])["objects"]
    assert objects["bbox"] == [[20, 5, 11, 15]] * 4
    assert sorted(objects["polygons"][2][0][::2]) == [20, 20, 31, 31]
    assert objects["keypoints"][3] == [0, 0, 0, 25, 7, 2]
    mask[:, :20] = False
    np.testing.assert_array_equal(mask_in(objects, 1), mask)
    np.testing.assert_array_equal(levels(found["seg.png"]), mask)


STEPS = {
    "resize": [{"resize": 60}],
    "smaller": [{"resize": {"size": 17, "mode": "longer"}}],
    "resize, crop, flip": [{"resize": 60}, {"center_crop": 48}, {"flip": "horizontal"}],
    "random crop": [{"random_resized_crop": {"size": 48, "scale": [0.4, 1]}}, "flip"],
    "flips": [{"flip": "vertical"}, {"flip": "horizontal"}],
    "quarter": [{"rotate90": 1}],
    "turn": [{"rotate": 17}],
    "turn, larger": [{"rotate": {"degrees": 40, "expand": True}}],
    "affine": [{"affine": {"degrees": 20, "scale": [0.8, 1.2], "shear": 10}}],
    "perspective": [{"perspective": {"distortion": 0.3, "probability": 1}}],
    "elastic": [{"elastic": {"alpha": 40}}],
    "all": [{"resize": 90}, {"rotate": 10}, {"elastic": {}}, {"pad": 5}, {"perspective": 0.2}],
    "policy": [{"trivial_augment": {}}],
}


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("steps", STEPS.values(), ids=STEPS)
def test_a_mask_its_polygon_its_box_and_its_pixels_stay_together(steps, seed):
    ys, xs = np.mgrid[:80, :100] + 0.5
    mask = np.hypot(xs - 55, ys - 42) < 22
    angle = np.linspace(0, 2 * np.pi, 90, endpoint=False)
    ring = np.stack([55 + 22 * np.cos(angle), 42 + 22 * np.sin(angle)], 1).reshape(-1).tolist()
    box = [33.0, 20.0, 44.0, 44.0]
    rows = [masked(mask), {"bbox": box, "polygons": [ring], "area": 1520.5}, {"bbox": box}]
    panoptic = np.zeros((80, 100, 3), np.uint8)
    panoptic[mask] = 1, 2, 3
    fields = {"seg_png": png(mask.astype(np.uint8)), "panoptic_png": png(panoptic)}
    sample = photo(100, 80, json=record_of(100, 80, *rows), **fields)
    found = fields_after(sample, *steps, seed=seed)
    objects = json.loads(found["json"])["objects"]
    moved = mask_in(objects)
    there = levels(found["seg.png"])
    np.testing.assert_array_equal(levels(found["panoptic.png"])[..., 2], 3 * there)
    np.testing.assert_array_equal(moved, there)
    by_mask, by_polygon, by_box = np.array(objects["bbox"])
    corners = np.array([[*b[:2], *(b[:2] + b[2:])] for b in (by_mask, by_polygon, by_box)])
    # a pixel: the mask is in whole ones; half a one more for each step that cannot be joined
    assert np.abs(corners[0] - corners[1]).max() <= (2.01 if len(steps) == 5 else 1.01)
    ys, xs = np.nonzero(there)
    seen = xs.min(), ys.min(), xs.max() + 1, ys.max() + 1
    np.testing.assert_allclose(corners[0], seen, atol=1.01)
    assert objects["area"][1] == pytest.approx(moved.sum(), rel=0.06, abs=8)
    # the box of what is round lies within the box of the turned square
    assert (corners[1] - corners[2] >= -1)[:2].all()
    assert (corners[2] - corners[1] >= -1)[2:].all()


@pytest.mark.parametrize("exif", range(2, 9))
@pytest.mark.parametrize("decode", ["apply", "ignore"])
def test_exif_turns_both_or_neither(exif, decode):
    stored = np.zeros((40, 100), np.uint8)
    stored[5:20, 10:31] = 1
    sample = photo(100, 40, exif, json=record_of(100, 40, masked(stored)), seg_png=png(stored))
    found = fields_after(sample, {"resize": 40}, decode={"orientation": decode})
    objects = json.loads(found["json"])["objects"]
    there = levels(found["seg.png"])
    np.testing.assert_array_equal(mask_in(objects), there)
    assert levels(found["jpg"]).shape[:2] == there.shape
    ys, xs = np.nonzero(there)
    assert objects["bbox"] == [[xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1]]
    turned = {
        2: (69, 5),
        3: (69, 20),
        4: (10, 20),
        5: (5, 10),
        6: (20, 10),
        7: (20, 69),
        8: (5, 69),
    }
    left, top = turned[exif] if decode == "apply" else (10, 5)
    assert (xs.min(), ys.min()) == (left, top)


def test_annotations_of_the_displayed_image_are_not_turned_again():
    sample = photo(100, 40, 6, json=record_of(40, 100, BOX))
    told = through(sample, {"flip": "horizontal"}, annotations={"pixels": "displayed"})
    found = json.loads(told.what.samples["train"].fields["json"])["objects"]
    assert found["bbox"] == [[9, 5, 21, 15]]
    assert "annotations_as_displayed" not in told.notes
    seen = through(sample, {"flip": "horizontal"})  # its size says which image it was drawn on
    assert json.loads(seen.what.samples["train"].fields["json"])["objects"] == found
    assert "annotations_as_displayed" in seen.notes


def test_annotations_of_an_image_of_another_size_are_scaled_and_counted():
    sample = photo(100, 40, json=record_of(200, 80, BOX), seg_png=png(np.ones((20, 50), np.uint8)))
    outcome = through(sample, {"flip": "horizontal"})
    fields = outcome.what.samples["train"].fields
    assert json.loads(fields["json"])["objects"]["bbox"] == [[84.5, 2.5, 10.5, 7.5]]
    assert levels(fields["seg.png"]).shape == (40, 100)
    assert list(outcome.notes) == ["annotations_rescaled"] * 2


def test_what_is_passed_through_or_stays_in_its_place_keeps_its_bytes():
    for steps in ([], [{"brightness": {"factor": [1.1, 1.2]}}], [{"resize": 40}]):
        data = record_of(100, 40, BOX)
        assert fields_after(photo(100, 40, json=data), *steps)["json"] == data


def test_every_output_gets_its_own():
    outputs = [{"name": n, "transforms": [{"resize": s}]} for n, s in (("a", 20), ("b", 80))]
    written = through(photo(100, 40, json=record_of(100, 40, BOX)), outputs=outputs).what.samples
    sizes = {name: json.loads(s.fields["json"])["objects"]["bbox"] for name, s in written.items()}
    assert sizes == {"a": [[5, 2.5, 10.5, 7.5]], "b": [[20, 10, 42, 30]]}


def test_annotations_stay_where_the_job_says_so():
    assert boxes_after({"flip": "horizontal"}, annotations={"move": False}) == [BOX["bbox"]]


@pytest.mark.parametrize(
    ("data", "notes"),
    [
        (b'{"label": 3}', []),
        (b'{"objects": [', ["json_unreadable"]),
        (b'{"objects": [{"bbox": [1, 2, 3, 4]}]}', ["json_of_another_schema"]),
        (b'["objects"]', ["json_of_another_schema"]),
    ],
)
def test_json_of_other_kinds_stays_and_is_counted(data, notes):
    outcome = through(photo(100, 40, json=data), {"flip": "horizontal"})
    assert outcome.what.samples["train"].fields["json"] == data
    assert list(outcome.notes) == notes


@pytest.mark.parametrize(
    ("column", "values"),
    [("area", [1, 2]), ("bbox", [[1, 2, 3]]), ("polygons", [[3]]), ("keypoints", [["x", 1, 2]])],
)
def test_columns_that_do_not_fit_together_go_to_quarantine(column, values):
    record = json.loads(record_of(100, 40, BOX))
    record["objects"][column] = values
    what = through(photo(100, 40, json=json.dumps(record).encode()), {"flip": "horizontal"}).what
    assert isinstance(what, Failure)
    assert what.reason == "annotations_broken"


def test_a_mask_that_is_no_png_goes_to_quarantine():
    for data in (b"nothing", png(np.ones((40, 100), np.uint8))[:60]):
        what = through(photo(100, 40, seg_png=data), {"flip": "horizontal"}).what
        assert isinstance(what, Failure)
        assert what.reason in ("undecodable", "unknown_format")


def test_broken_rows_are_mended_or_left_out_and_counted():
    rows = [
        {"bbox": [float("nan"), 0.0, 1.0, 1.0]},
        {"bbox": [31.0, 20.0, -21.0, -15.0]},
        {**BOX, "polygons": [[10.0, 5.0, 31.0, 20.0]]},
        {**BOX, "rle_size": [40, 100], "rle_counts": "06"},
        {**BOX, "keypoints": [1.0, 2.0]},
        {"bbox": [-50.0, -50.0, 60.0, 60.0]},
    ]
    outcome = through(photo(100, 40, json=record_of(100, 40, *rows)), {"flip": "vertical"})
    objects = json.loads(outcome.what.samples["train"].fields["json"])["objects"]
    assert objects["id"] == [1, 4, 5]
    assert objects["bbox"] == [[10, 20, 21, 15], [10, 20, 21, 15], [0, 30, 10, 10]]
    assert objects["keypoints"] == [[], [], []]
    assert sorted(outcome.notes) == [
        *("annotation_not_finite", "annotation_outside", "box_corners_swapped"),
        *("keypoints_broken", "mask_broken", "polygon_broken"),
    ]


def test_a_palette_and_sixteen_bits_stay_what_they_are():
    index = np.random.default_rng(1).integers(0, 3, (40, 100)).astype(np.uint8)
    palette = [0, 0, 0, 200, 0, 0, 0, 200, 0]
    found = fields_after(photo(100, 40, seg_png=png(index, palette)), {"flip": "horizontal"})
    np.testing.assert_array_equal(levels(found["seg.png"]), index[:, ::-1])
    wide = index.astype(np.uint16) * 1000
    found = fields_after(
        photo(100, 40, seg_png=png(wide)), {"pad": 1}, annotations={"outside": 65535}
    )
    there = levels(found["seg.png"])
    np.testing.assert_array_equal(there[1:-1, 1:-1], wide)
    assert (there[0] == 65535).all()
