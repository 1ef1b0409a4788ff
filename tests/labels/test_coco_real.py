"""Real annotations of COCO's val2017, whose values FORMATS.md tells, imported."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from annotations.record import levels, mask_in
from labels.made import done, told

from pixelmill_kernels import polygon, rle

DATA = Path(os.environ.get("PIXELMILL_DATA", Path(__file__).parents[3] / "shared" / "data"))
COCO = DATA / "coco"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not COCO.exists(), reason=f"the real samples are not at {COCO}"),
]


def imported(folder, images=COCO / "images", **labels):
    labels = {name: str(value) for name, value in labels.items()}
    more = {"decode": {"color": "keep"}}
    return done(str(images), folder / "out", {"form": "coco", **labels}, **more)


def published(path):
    found = json.loads(Path(path).read_text())
    return found, {row["id"]: row for row in found["annotations"] if "id" in row}


def objects_of(found):
    """Each object by its id, with the record it is in."""
    for fields in found.values():
        record = told(fields)
        for n, number in enumerate(record["objects"]["id"]):
            row = {name: column[n] for name, column in record["objects"].items()}
            yield number, row, record


@pytest.mark.parametrize("name", ["instances", "rle"])
def test_every_object_is_there_as_it_was_published(tmp_path, name):
    report, found, manifest = imported(tmp_path, instances=COCO / f"{name}.json")
    whole, rows = published(COCO / f"{name}.json")
    # mended nowhere: the real files are right, and a rounding is no mistake
    assert set(report.tally.notes) == {"icc_ignored"}
    assert report.tally.quarantined == {"no_row": 10}  # the images of the other file
    kept = [one["id"] for one in manifest["source"]["dataset"]["categories"]]
    assert (len(kept), kept[0], kept[-1], kept == sorted(kept)) == (80, 1, 90, True)
    names = {one["id"]: one["name"] for one in whole["categories"]}
    sizes = {image["id"]: (image["height"], image["width"]) for image in whole["images"]}
    seen = 0
    for number, row, record in objects_of(found):
        given = rows[number]
        assert manifest["source"]["classes"][row["category"]] == names[given["category_id"]]
        assert row["bbox"] == pytest.approx(given["bbox"], abs=0.0101)
        assert row["iscrowd"] == given["iscrowd"]
        assert (record["height"], record["width"]) == sizes[given["image_id"]]
        assert json.loads(record["meta"])["area"][str(number)] == given["area"]
        if given["iscrowd"]:
            counts = rle.from_text(row["rle_counts"].encode()).tolist()
            assert counts == given["segmentation"]["counts"]
        else:
            assert row["polygons"] == given["segmentation"]
            assert row["area"] == pytest.approx(given["area"], abs=0.02)
        seen += 1
    assert seen == len(rows)


def test_the_area_of_a_polygon_is_no_count_of_pixels(tmp_path):
    _, found, _ = imported(tmp_path, instances=COCO / "instances.json")
    row, record = next(
        (row, record) for _, row, record in objects_of(found) if 2501.8 < row["area"] < 2502
    )
    (ring,) = (np.array(ring).reshape(-1, 2) for ring in row["polygons"])
    counts = polygon.fill(ring, (record["height"], record["width"]))
    assert round(row["area"], 1) == 2501.9
    assert rle.area(counts) == 2491


def test_the_area_of_a_crowd_is_measured_and_its_field_is_kept(tmp_path):
    _, found, _ = imported(tmp_path, instances=COCO / "rle.json")
    crowds = [(n, row, record) for n, row, record in objects_of(found) if row["iscrowd"]]
    assert len(crowds) == 10
    number, row, record = next(one for one in crowds if one[0] == 900100184324)
    assert row["area"] == 32_885
    assert json.loads(record["meta"])["area"][str(number)] == 34_764


def expect_segments(found, path, voids=None):
    """The ids, areas and boxes that the JSON tells are those of the masks."""
    rows = {Path(row["file_name"]).stem: row for row in published(path)[0]["annotations"]}
    assert found.keys() == rows.keys()
    for key, fields in found.items():
        objects = told(fields)["objects"]
        ids = levels(fields["panoptic.png"]).astype(int) @ [1, 256, 65536]
        segments = rows[key]["segments_info"]
        assert {*np.unique(ids)} - {0} == {*objects["id"]} == {one["id"] for one in segments}
        for n, (number, one) in enumerate(zip(objects["id"], segments, strict=True)):
            ys, xs = np.nonzero(ids == number)
            box = [xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1]
            assert objects["bbox"][n] == one["bbox"] == box
            assert objects["area"][n] == one["area"] == len(xs)
        if voids and key in voids:
            assert (ids == 0).sum() == voids[key]


def test_segments_of_panoptic_masks_have_the_ids_areas_and_boxes_of_their_pixels(tmp_path):
    labels = {"panoptic": COCO / "panoptic.json", "panoptic_masks": COCO / "masks"}
    report, found, manifest = imported(tmp_path, **labels)
    assert report.tally.written == 20
    categories = manifest["source"]["dataset"]["categories"]
    assert (len(categories), categories[-1]["id"]) == (133, 200)
    first = Path(published(COCO / "panoptic.json")[0]["annotations"][0]["file_name"]).stem
    expect_segments(found, COCO / "panoptic.json", {first: 444})


def test_the_samples_of_panopticapi_are_read_too(tmp_path):
    folder = DATA / "coco_panoptic" / "sample_data"
    labels = {"panoptic": folder / "panoptic_examples.json"}
    labels["panoptic_masks"] = folder / "panoptic_examples"
    _, found, _ = imported(tmp_path, folder / "input_images", **labels)
    expect_segments(found, folder / "panoptic_examples.json")


def test_the_detection_format_of_panopticapi_holds_the_same_segments_as_texts(tmp_path):
    folder = DATA / "coco_panoptic" / "sample_data"
    labels = {
        "instances": folder / "panoptic_coco_detection_format.json",
        "panoptic": folder / "panoptic_examples.json",
        "panoptic_masks": folder / "panoptic_examples",
    }
    report, found, _ = imported(tmp_path, folder / "input_images", **labels)
    assert report.tally.written == 2
    for fields in found.values():
        record = told(fields)
        ids = levels(fields["panoptic.png"]).astype(int) @ [1, 256, 65536]
        segments = json.loads(record["meta"])["segments_info"]
        whole = [ids == one["id"] for one in segments]
        for n in range(len(record["objects"]["id"])):
            mask = mask_in(record["objects"], n).astype(bool)
            assert any((mask == other).all() for other in whole)


def test_every_task_of_the_synthetic_set_is_joined(tmp_path):
    folder = DATA / "synthetic" / "coco_dataset" / "coco"
    notes = folder / "annotations"
    labels = {
        "instances": notes / "instances_train.json",
        "captions": notes / "captions_train.json",
        "keypoints": notes / "person_keypoints_train.json",
        "stuff": notes / "stuff_train.json",
        "panoptic": notes / "panoptic_train.json",
        "panoptic_masks": notes / "panoptic_train",
    }
    report, found, _ = imported(tmp_path, folder / "images" / "train", **labels)
    assert report.tally.written == 1, report.tally
    record = told(found["a"])
    assert record["captions"]
    assert any(record["objects"]["keypoints"])
    assert "panoptic.png" in found["a"]


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # its own
def test_pycocotools_decodes_what_we_write_and_we_what_it_writes(tmp_path):
    coco_mask = pytest.importorskip(
        "pycocotools.mask", reason="pycocotools, the oracle of masks, is not installed"
    )
    _, found, _ = imported(tmp_path, instances=COCO / "rle.json")
    _, rows = published(COCO / "rle.json")
    crowds = 0
    for number, row, record in objects_of(found):
        size = [record["height"], record["width"]]
        given = rows[number]["segmentation"]
        theirs = coco_mask.frPyObjects(given, *size)
        theirs = theirs if isinstance(theirs, dict) else coco_mask.merge(theirs)
        if row["iscrowd"]:
            ours = {"size": row["rle_size"], "counts": row["rle_counts"].encode()}
            assert ours["counts"] == theirs["counts"]
            assert coco_mask.area(ours) == row["area"]
            np.testing.assert_array_equal(coco_mask.decode(ours), mask_of(theirs))
            crowds += 1
        else:
            runs = [polygon.fill(np.array(ring).reshape(-1, 2), tuple(size)) for ring in given]
            joined = runs[0]
            for other in runs[1:]:
                joined = rle.union(joined, other)
            assert rle.to_text(joined) == theirs["counts"]
    assert crowds == 10


def mask_of(theirs):
    return rle.decode(rle.from_text(theirs["counts"]), tuple(theirs["size"]))
