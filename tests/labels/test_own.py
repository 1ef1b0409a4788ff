"""Labels that come with the images: Hugging Face's Parquet, and folders with masks."""

import io
import json

import datasets
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from annotations.record import levels
from datasets import ClassLabel, Features, Image, List, Sequence, Value
from labels.made import done, gray, labelled, told
from PIL import Image as Pillow
from splits.made import png

import pixelmill
from pixelmill.errors import JobError
from pixelmill.labels.record import record

datasets.disable_progress_bars()
KINDS = ClassLabel(names=["cat", "dog"])
BOX = Sequence(Value("float32"), length=4)


def photo(value=0, width=60, height=40):
    return {"bytes": png(np.full((height, width, 3), value, np.uint8)), "path": None}


def written(folder, features, **columns):
    """A Parquet file as Hugging Face datasets writes it."""
    made = datasets.Dataset.from_dict(columns, features=Features(features))
    made.to_parquet(str(folder / "data.parquet"))
    return str(folder / "data.parquet")


def imported(folder, features, labels=None, out="out", **columns):
    source = written(folder, features, **columns)
    return done(source, folder / out, {"form": "huggingface", **(labels or {})})


@pytest.mark.parametrize("many", [Sequence, List])
def test_objects_of_both_shapes_become_boxes_with_their_class_names(tmp_path, many):
    features = {"image": Image(), "image_id": Value("int64")}
    features["objects"] = many({"bbox": BOX, "category": KINDS, "id": Value("int64")})
    rows = {"bbox": [[1, 2, 3, 4], [50, 30, 20, 5]], "category": [1, 0], "id": [7, 9]}
    listed = [dict(zip(rows, row, strict=True)) for row in zip(*rows.values(), strict=True)]
    none = {name: [] for name in rows} if many is Sequence else []
    objects = [rows if many is Sequence else listed, none]
    columns = {"image": [photo(), photo()], "image_id": [5, 6], "objects": objects}
    report, found, manifest = imported(tmp_path, features, **columns)
    one = told(found["data-000000000"])
    assert manifest["source"]["classes"] == ["cat", "dog"]
    assert one["objects"]["category"] == [1, 0]
    assert one["objects"]["bbox"] == [[1, 2, 3, 4], [50, 30, 10, 5]]
    assert report.tally.notes["box_clipped"] == 1
    assert (one["width"], one["height"]) == (60, 40)
    assert json.loads(one["meta"]) == {"image_id": 5}
    assert one.keys() == record("", "").keys()
    assert told(found["data-000000001"])["objects"]["bbox"] == []


def test_a_further_image_is_the_mask_and_follows_the_pixels(tmp_path):
    mask = np.zeros((40, 60), np.uint8)
    mask[:, :20] = 7
    features = {"image": Image(), "label": Image(), "scene": KINDS, "text": Value("string")}
    columns = {"image": [photo()], "label": [{"bytes": png(mask), "path": None}]}
    source = written(tmp_path, features, **columns, scene=[1], text=["a dog"])
    flip = {"transforms": [{"flip": "horizontal"}], "outputs": [{"image": "png"}]}
    _, found, manifest = done(source, tmp_path / "out", {"form": "huggingface"}, **flip)
    fields = found["data-000000000"]
    assert (levels(fields["seg.png"]) == mask[:, ::-1]).all()
    assert fields["cls"] == b"1"
    assert told(fields)["labels"] == [1]
    assert told(fields)["captions"] == ["a dog"]
    assert manifest["source"]["classes"] == ["cat", "dog"]
    assert "label.png" not in fields


def test_labels_objects_and_several_labels_share_one_list_of_classes(tmp_path):
    features = {"image": Image(), "label": ClassLabel(names=["day", "night"])}
    features["objects"] = Sequence({"bbox": BOX, "category": ClassLabel(names=["cat", "day"])})
    features["tags"] = Sequence(ClassLabel(names=["wet", "cat"]))
    objects = [{"bbox": [[1, 1, 2, 2], [2, 2, 3, 3]], "category": [0, 1]}] * 2
    columns = {"image": [photo(), photo()], "label": [1, -1], "objects": objects}
    _, found, manifest = imported(tmp_path, features, **columns, tags=[[0, 1], []])
    assert manifest["source"]["classes"] == ["day", "night", "cat", "wet"]
    one, two = (found[f"data-00000000{n}"] for n in range(2))
    assert told(one)["labels"] == [1, 2, 3]
    assert told(one)["objects"]["category"] == [2, 0]
    assert told(two)["labels"] == []
    assert "cls" not in two


def test_a_label_without_names_is_no_class_beside_those_that_have_them(tmp_path):
    struct = Sequence({"bbox": BOX, "category": KINDS})
    features = {"image": Image(), "label": Value("int64"), "objects": struct}
    objects = [{"bbox": [[1, 1, 2, 2]], "category": [1]}]
    _, found, _ = imported(tmp_path, features, image=[photo()], label=[1], objects=objects)
    fields = found["data-000000000"]
    assert told(fields)["labels"] == []
    assert json.loads(told(fields)["meta"]) == {"cls": 1}
    assert "cls" not in fields


def test_corners_groups_sides_and_columns_are_named_by_words(tmp_path):
    struct = Sequence({"bbox": BOX, "category": KINDS})
    features = {"image": Image(), "seg": Image(), "other": Image(), "things": struct}
    features |= {"patient": Value("int64"), "fold": Value("string")}
    things = [{"bbox": [[1, 2, 11, 22]], "category": [0]}]
    pixels = {"image": [photo()], "seg": [photo(1)], "other": [photo(2)]}
    words = {"bbox": "xyxy", "group": "patient", "side": "fold", "mask": "other"}
    _, found, _ = imported(
        tmp_path, features, words, things=things, patient=[12], fold=["val"], **pixels
    )
    fields = found["data-000000000"]
    assert told(fields)["objects"]["bbox"] == [[1, 2, 10, 20]]
    assert (told(fields)["group"], told(fields)["split"]) == ("12", "val")
    assert levels(fields["seg.png"]).max() == 2
    assert levels(fields["columns.seg.png"]).max() == 1


def test_malformed_objects_are_counted_or_cost_their_row(tmp_path):
    struct = {"bbox": Sequence(Sequence(Value("float32"))), "category": Sequence(Value("int64"))}
    features = {"image": Image(), "objects": struct}
    objects = [
        {"bbox": [[1, 1, 2, 2], [float("nan"), 1, 2, 2]], "category": [0, 0]},
        {"bbox": [[1, 1, 2, 2]], "category": [0, 1]},
    ]
    report, _, _ = imported(tmp_path, features, image=[photo(), photo()], objects=objects)
    assert report.tally.quarantined == {"objects_unreadable": 1}
    assert report.tally.notes["unknown_category"] == 2


def test_a_jpeg_is_no_mask_and_stays_what_it_is(tmp_path):
    out = io.BytesIO()
    Pillow.new("L", (60, 40)).save(out, "jpeg")
    columns = {"image": [photo()], "mask": [{"bytes": out.getvalue(), "path": None}]}
    report, found, _ = imported(tmp_path, {"image": Image(), "mask": Image()}, **columns)
    assert report.tally.notes == {"mask_not_png": 1}
    assert found["data-000000000"]["mask.jpg"] == out.getvalue()


def test_parquet_without_features_and_columns_that_are_not_there_are_told(tmp_path):
    pq.write_table(pa.table({"image": [photo()["bytes"]]}), tmp_path / "plain.parquet")
    job = labelled(str(tmp_path / "plain.parquet"), tmp_path / "out", {"form": "huggingface"})
    with pytest.raises(JobError, match=r"plain\.parquet has no `huggingface` in its metadata"):
        pixelmill.run(job)
    source = written(tmp_path, {"image": Image()}, image=[photo()])
    job = labelled(source, tmp_path / "out2", {"form": "huggingface", "mask": "msk"})
    with pytest.raises(JobError, match="no feature is called 'msk'"):
        pixelmill.run(job)


def test_a_stratified_split_knows_the_labels_of_the_columns(tmp_path):
    columns = {"image": [photo(n) for n in range(20)], "label": [n % 2 for n in range(20)]}
    source = written(tmp_path, {"image": Image(), "label": KINDS}, **columns)
    split = {"fractions": {"train": 0.5, "test": 0.5}, "stratify": "json.labels"}
    split["leaks"] = "off"
    labels = {"form": "huggingface"}
    report = pixelmill.run(labelled(source, tmp_path / "out", labels, split=split))
    assert report.tally.outputs == {"train": 10, "test": 10}


def masks_at(folder, names):
    for number, name in enumerate(names, 1):
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(png(np.full((64, 64), number, np.uint8)))


def test_masks_lie_beside_the_images_with_a_suffix(tmp_path):
    source = gray(tmp_path / "in", ["cat/a.png", "cat/b.png", "dog/c.png", "dog/lone_mask.png"])
    masks_at(tmp_path / "in", ["cat/a_mask.png", "dog/c_mask.png"])
    labels = {"form": "folder", "mask_suffix": "_mask.png"}
    report, found, manifest = done(source, tmp_path / "out", labels)
    assert sorted(found) == ["cat/a", "cat/b", "dog/c", "dog/lone_mask"]
    assert levels(found["cat/a"]["seg.png"]).max() == 1
    assert levels(found["dog/c"]["seg.png"]).max() == 2
    assert report.tally.notes["without_mask"] == 2
    assert manifest["source"]["classes"] == ["cat", "dog"]
    assert found["dog/c"]["cls"] == b"1"
    assert told(found["dog/c"])["labels"] == [1]
    assert (told(found["dog/c"])["width"], told(found["dog/c"])["label_state"]) == (64, [1])


def test_masks_lie_in_a_folder_of_their_own_under_the_same_paths(tmp_path):
    source = gray(tmp_path / "in", ["x/a.png", "y/b.c.png", "y/d.png"])
    masks_at(tmp_path / "masks", ["x/a.png", "y/b.c.png"])
    labels = {"form": "folder", "masks": str(tmp_path / "masks"), "classes_from": "nothing"}
    report, found, _ = done(source, tmp_path / "out", labels)
    assert levels(found["x/a"]["seg.png"]).max() == 1
    assert levels(found["y/b_c"]["seg.png"]).max() == 2
    assert "seg.png" not in found["y/d"]
    assert report.tally.notes["without_mask"] == 1
    assert all("cls" not in fields and told(fields)["labels"] == [] for fields in found.values())


def test_a_mask_that_is_no_png_costs_its_image(tmp_path):
    source = gray(tmp_path / "in", ["a.png", "b.png"])
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks/a.png").write_bytes(b"no image")
    labels = {"form": "folder", "masks": str(tmp_path / "masks")}
    report, found, _ = done(source, tmp_path / "out", labels)
    assert report.tally.quarantined == {"mask_broken": 1}
    assert sorted(found) == ["b"]
    with pytest.raises(JobError, match="masks are PNGs"):
        labelled(source, tmp_path / "o", {"form": "folder", "mask_suffix": "_m.jpg"})
