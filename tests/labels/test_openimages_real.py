"""Real boxes and images of Open Images' validation set, and a synthetic set of all tables."""

import csv
import json
import os
from collections import Counter
from pathlib import Path

import pytest
from labels.made import done, told

DATA = Path(os.environ.get("PIXELMILL_DATA", Path(__file__).parents[3] / "shared" / "data"))
REAL = DATA / "openimages"
SYNTHETIC = DATA / "synthetic" / "open_images_dataset"

pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not REAL.exists(), reason=f"the real samples are not at {REAL}"),
]


def imported(folder, source, **labels):
    labels = {name: str(value) for name, value in labels.items()}
    more = {"decode": {"color": "keep"}}
    return done(str(source), folder / "out", {"form": "openimages", **labels}, **more)


def test_the_real_boxes_of_the_real_images_come_in_pixels(tmp_path):
    table = REAL / "validation-annotations-bbox.csv"
    labels = {"classes": REAL / "class-descriptions-boxable.csv", "boxes": table}
    report, found, manifest = imported(tmp_path, REAL / "images", **labels)
    with table.open() as text:
        there = {path.stem for path in (REAL / "images").iterdir()}
        rows = [row for row in csv.DictReader(text) if row["ImageID"] in there]
    assert report.tally.written == 20
    assert len(manifest["source"]["classes"]) == 601
    assert manifest["source"]["classes"][:2] == ["Tortoise", "Container"]
    seen = Counter()
    for key, fields in found.items():
        record = told(fields)
        assert max(record["width"], record["height"]) <= 1024
        theirs = [row for row in rows if row["ImageID"] == key]
        for n, row in enumerate(theirs):
            x, y, width, height = record["objects"]["bbox"][n]
            corners = x, x + width, y, y + height
            sides = (record["width"], record["width"], record["height"], record["height"])
            shares = [corner / side for corner, side in zip(corners, sides, strict=True)]
            names = ("XMin", "XMax", "YMin", "YMax")
            assert shares == pytest.approx([float(row[name]) for name in names], abs=0.02 / 500)
            seen[manifest["source"]["classes"][record["objects"]["category"][n]]] += 1
        assert len(record["objects"]["id"]) == len(theirs)
        assert {*record["objects"]["occluded"], *record["objects"]["inside"]} <= {-1}
    assert seen.total() == len(rows) > 20
    assert seen.keys() == {"Apple", "Orange"}


def test_the_synthetic_set_of_v6_is_read_with_its_masks(tmp_path):
    notes = SYNTHETIC / "v6" / "annotations"
    report, found, _ = imported(
        tmp_path,
        SYNTHETIC / "v6/images/train",
        classes=notes / "oidv6-class-descriptions.csv",
        images=notes / "image_ids_and_rotation.csv",
        boxes=notes / "oidv6-train-annotations-bbox.csv",
        labels=notes / "oidv6-train-annotations-human-imagelabels.csv",
        masks=notes / "train-annotations-object-segmentation.csv",
        mask_images=SYNTHETIC / "v6/masks/train",
    )
    assert report.tally.written == 2
    one, other = told(found["a"]), told(found["b"])
    assert (one["labels"], one["label_state"]) == ([0], [1])
    assert (other["labels"], other["label_state"]) == ([0], [0])
    assert other["objects"]["rle_size"] == [[other["height"], other["width"]]]
    assert json.loads(one["meta"])["Title"] == "Test Image A"


def test_class_descriptions_of_v5_have_no_header(tmp_path):
    notes = SYNTHETIC / "v5" / "annotations"
    labels = {"classes": notes / "class-descriptions.csv"}
    labels["images"] = notes / "train-images-with-labels-with-rotation.csv"
    report, found, manifest = imported(tmp_path, SYNTHETIC / "v5/images/train", **labels)
    assert report.tally.written == 1
    assert manifest["source"]["classes"][0] == "Generic label #0"
    assert told(found["aa"])["split"] == "train"
