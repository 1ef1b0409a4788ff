"""COCO through a whole job: every task's annotations, on images and files made here."""

import gzip
import json
import zipfile

import numpy as np
import pytest
from annotations.record import levels, mask_in, png
from labels.coco_made import (
    CATEGORIES,
    IMAGES,
    POINTS,
    SIDE,
    SQUARE,
    annotation,
    image,
    instances,
    mask,
    photos,
    write,
)
from labels.made import done, gray, labelled, told

import pixelmill
from pixelmill.errors import JobError
from pixelmill.labels.record import record
from pixelmill.verify import verify


def objects_in(found, key="000042"):
    return told(found[key])["objects"]


def imported(folder, labels, **more):
    return done(photos(folder), folder / "out", {"form": "coco", **labels}, **more)


def test_instances_become_objects_with_classes_counted_by_their_ids(tmp_path):
    labels = {"instances": write(tmp_path, "i.json", instances())}
    report, found, manifest = imported(tmp_path, labels)
    assert report.exit_code == 0
    assert manifest["source"]["classes"] == ["person", "cat", "dog"]
    kept = manifest["source"]["dataset"]["categories"]
    assert [one["id"] for one in kept] == [1, 17, 90]
    assert kept[0]["supercategory"] == "person"
    assert manifest["source"]["dataset"]["licenses"][0]["id"] == 4
    one = told(found["000042"])
    assert one["objects"]["id"] == [5, 6]
    assert one["objects"]["category"] == [1, 0]
    assert one["objects"]["iscrowd"] == [0, 1]
    assert one["objects"]["polygons"] == [[SQUARE], []]
    assert (one["width"], one["height"]) == (SIDE, SIDE)
    assert one["provenance"]["license"] == "http://creativecommons.org/licenses/by/2.0/"
    assert one["provenance"]["url"] == "http://images/000042.png"
    assert told(found["000042"]).keys() == record("", "").keys()
    assert verify(str(tmp_path / "out")).problems == []


def test_an_image_without_annotations_is_written_like_the_others(tmp_path):
    labels = {"instances": write(tmp_path, "i.json", instances())}
    report, found, _ = imported(tmp_path, labels)
    assert report.tally.written == 3
    assert objects_in(found, "000099") == record("", "")["objects"]
    assert found["000099"].keys() == found["000042"].keys()


def test_areas_are_measured_anew_and_those_published_are_kept(tmp_path):
    labels = {"instances": write(tmp_path, "i.json", instances())}
    _, found, _ = imported(tmp_path, labels)
    assert objects_in(found)["area"] == [100, mask().sum()]
    meta = json.loads(told(found["000042"])["meta"])
    assert meta["area"] == {"5": 99.5, "6": 777}
    assert (meta["id"], meta["file_name"]) == (42, "000042.png")


def test_crowds_come_as_counts_and_as_text(tmp_path):
    labels = {"instances": write(tmp_path, "i.json", instances())}
    _, found, _ = imported(tmp_path, labels)
    np.testing.assert_array_equal(mask_in(objects_in(found), 1), mask())
    np.testing.assert_array_equal(mask_in(objects_in(found, "000007"), 0), mask())


@pytest.mark.parametrize(
    "order",
    [
        ("categories", "annotations", "images"),
        ("annotations", "images", "categories"),
        ("images", "categories", "annotations"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_neither_the_order_of_the_lists_nor_gzip_has_a_say(tmp_path, order, packed):
    path = write(tmp_path, "i.json", instances(), order)
    if packed:
        data = gzip.compress((tmp_path / "i.json").read_bytes())
        path = f"{path}.gz"
        (tmp_path / "i.json.gz").write_bytes(data)
    _, found, manifest = imported(tmp_path, {"instances": path})
    assert objects_in(found)["id"] == [5, 6]
    assert manifest["source"]["classes"] == ["person", "cat", "dog"]
    assert manifest["labels"]["rows"] == [3, 3]


def test_keypoints_join_the_person_that_has_their_id(tmp_path):
    person = annotation(6, category=1, keypoints=POINTS, num_keypoints=2, bbox=[20, 30, 25, 20])
    alone = annotation(60, category=1, keypoints=POINTS, bbox=[1, 1, 9, 9])
    names = {"keypoints": ["nose"] + ["x"] * 16, "skeleton": [[1, 2]]}
    labels = {
        "instances": write(tmp_path, "i.json", instances()),
        "keypoints": write(tmp_path, "k.json", [person, alone], categories=[CATEGORIES[1] | names]),
    }
    _, found, manifest = imported(tmp_path, labels)
    objects = objects_in(found)
    assert objects["id"] == [5, 6, 60]
    assert objects["keypoints"] == [[], POINTS, POINTS]
    assert objects["rle_counts"][1]
    assert manifest["source"]["dataset"]["categories"][0]["skeleton"] == [[1, 2]]


def test_captions_and_stuff_come_beside_the_instances(tmp_path):
    stuff = annotation(500, category=92, bbox=[20, 30, 25, 20])
    same_id = annotation(5, category=92, bbox=[1, 1, 5, 5])
    labels = {
        "instances": write(tmp_path, "i.json", instances()),
        "captions": write(
            tmp_path,
            "c.json",
            [
                {"id": 1, "image_id": 42, "caption": "A cat, a person."},
                {"id": 2, "image_id": 42, "caption": "Zwei Wesen — “dort”."},
            ],
        ),
        "stuff": write(
            tmp_path, "s.json", [stuff, same_id], categories=[{"id": 92, "name": "banner"}]
        ),
    }
    _, found, manifest = imported(tmp_path, labels)
    assert told(found["000042"])["captions"] == ["A cat, a person.", "Zwei Wesen — “dort”."]
    assert objects_in(found)["category"] == [1, 0, 3, 3]
    assert objects_in(found)["id"] == [5, 6, 500, 501]
    assert manifest["source"]["classes"] == ["person", "cat", "dog", "banner"]


def panoptic(folder):
    ids = np.zeros((SIDE, SIDE), np.uint32)
    ids[30:50, 20:45], ids[:10] = 70_000, 300
    pixels = np.stack([ids & 255, ids >> 8 & 255, ids >> 16], axis=2).astype(np.uint8)
    segments = [
        {"id": 70_000, "category_id": 1, "area": 500, "bbox": [20, 30, 25, 20], "iscrowd": 0},
        {"id": 300, "category_id": 90, "area": 640, "bbox": [0, 0, 64, 10], "iscrowd": 0},
    ]
    row = {"image_id": 42, "file_name": "000042.png", "segments_info": segments}
    (folder / "masks").mkdir()
    (folder / "masks/000042.png").write_bytes(png(pixels))
    return ids, {
        "panoptic": write(folder, "p.json", [row]),
        "panoptic_masks": str(folder / "masks"),
    }


def numbers_in(fields):
    return levels(fields["panoptic.png"]).astype(int) @ [1, 256, 65536]


def test_panoptic_masks_are_fields_and_their_segments_objects(tmp_path):
    ids, labels = panoptic(tmp_path)
    _, found, _ = imported(tmp_path, labels)
    np.testing.assert_array_equal(numbers_in(found["000042"]), ids)
    objects = objects_in(found)
    assert (objects["id"], objects["category"]) == ([70_000, 300], [0, 2])
    assert objects["area"] == [500, 640]
    assert json.loads(told(found["000042"])["meta"])["segments_info"][1]["category_id"] == 90
    assert "panoptic.png" not in found["000007"]


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_panoptic_masks_are_read_out_of_their_zip(tmp_path, method):
    ids, labels = panoptic(tmp_path)
    with zipfile.ZipFile(tmp_path / "masks.zip", "w", method) as archive:
        archive.writestr("panoptic_val2017/", b"")
        archive.write(tmp_path / "masks/000042.png", "panoptic_val2017/000042.png")
    labels |= {"instances": write(tmp_path, "i.json", instances())}
    labels["panoptic_masks"] = str(tmp_path / "masks.zip")
    _, found, _ = imported(tmp_path, labels)
    np.testing.assert_array_equal(numbers_in(found["000042"]), ids)
    assert objects_in(found)["id"] == [5, 6]  # segments stay in meta beside instances


def test_a_panoptic_mask_that_is_not_there_costs_its_image_alone(tmp_path):
    _, labels = panoptic(tmp_path)
    (tmp_path / "masks/000042.png").unlink()
    report, found, _ = imported(tmp_path, labels)
    assert report.tally.quarantined == {"mask_missing": 1}
    assert found.keys() == {"000007", "000099"}


def test_annotations_follow_the_pixels_in_the_same_pass(tmp_path):
    ids, labels = panoptic(tmp_path)
    labels |= {"instances": write(tmp_path, "i.json", instances())}
    more = {"outputs": [{"image": "png"}], "transforms": [{"resize": 32}, {"flip": "horizontal"}]}
    _, found, _ = imported(tmp_path, labels, **more)
    one = told(found["000042"])
    assert (one["width"], one["orig_width"]) == (32, SIDE)
    assert one["objects"]["bbox"] == [[22, 2.5, 5, 5], [9.5, 15, 12.5, 10]]
    np.testing.assert_array_equal(mask_in(one["objects"], 1), mask()[1::2, 1::2][:, ::-1])
    np.testing.assert_array_equal(numbers_in(found["000042"]), ids[1::2, 1::2][:, ::-1])


def test_what_is_wrong_with_annotations_is_mended_and_counted_in_the_tally(tmp_path):
    wrong = [
        annotation(1, bbox=[50, 50, 30, 30]),
        annotation(2, bbox=[20, 20, -10, -10]),
        annotation(3, bbox=[float("nan"), 0, 5, 5]),
        annotation(4, category=1000, bbox=[1, 1, 5, 5]),
        annotation(5, bbox=[10, 5, 10, 10], segmentation=[[1, 1, 2, 2], SQUARE]),
        annotation(6, bbox=[1, 1, 5, 5], segmentation={"size": [SIDE, SIDE], "counts": [5, 5]}),
        annotation(6, bbox=[2, 2, 5, 5]),
        annotation(7, bbox=[100, 100, 5, 5]),
        annotation(8, bbox=[1, 1, 5, 5], segmentation=[1, 2, 3, 4, 5, 6]),
        annotation(9, image_id=12345, bbox=[1, 1, 5, 5]),
        {"bbox": [1, 1, 5, 5]},
    ]
    labels = {"instances": write(tmp_path, "i.json", wrong)}
    report, found, manifest = imported(tmp_path, labels, decode={"color": "keep"})
    assert report.exit_code == 0
    assert objects_in(found)["id"] == [1, 2, 5, 6]
    assert objects_in(found)["bbox"] == [
        [50, 50, 14, 14],
        [10, 10, 10, 10],
        [10, 5, 10, 10],
        [1, 1, 5, 5],
    ]
    expected = dict.fromkeys(
        ["box_clipped", "box_corners_swapped", "annotation_not_finite", "unknown_category"], 1
    ) | dict.fromkeys(["polygon_broken", "mask_broken", "annotation_id_twice"], 1)
    assert report.tally.notes == expected | {"annotation_outside": 1, "annotation_unreadable": 1}
    assert manifest["tally"]["notes"] == report.tally.notes
    assert manifest["labels"]["annotations_without_image"] == 2


def test_an_image_of_another_size_than_its_annotations_is_counted(tmp_path):
    images = [image(42, "000042.png", width=2 * SIDE, height=2 * SIDE), *IMAGES[1:]]
    labels = {"instances": write(tmp_path, "i.json", instances(), images=images)}
    more = {"outputs": [{"image": "png"}], "transforms": [{"resize": 32}]}
    report, found, _ = imported(tmp_path, labels, **more)
    assert report.tally.notes["annotations_of_another_size"] == 1
    assert objects_in(found)["bbox"][0] == [2.5, 1.25, 2.5, 2.5]


def test_an_image_and_an_entry_without_counterpart_are_counted(tmp_path):
    source = gray(tmp_path / "images", ["000042.png", "000001.png"], SIDE)
    labels = {"form": "coco", "instances": write(tmp_path, "i.json", instances())}
    report, _, manifest = done(source, tmp_path / "out", labels)
    assert report.tally.quarantined == {"no_row": 1}
    assert manifest["labels"]["rows_without_image"] == 2
    assert manifest["labels"]["annotations_without_image"] == 1


def test_images_of_one_name_in_two_folders_keep_their_own_annotations(tmp_path):
    source = gray(tmp_path / "images", ["a/x.png", "b/x.png", "c/x.png"], SIDE)
    images = [image(1, "a/x.png"), image(2, "./b/x.png")]
    rows = [annotation(n, image_id=n, bbox=[n, n, 5, 5]) for n in (1, 2)]
    labels = {"form": "coco", "instances": write(tmp_path, "i.json", rows, images=images)}
    report, found, _ = done(source, tmp_path / "out", labels)
    assert objects_in(found, "a/x")["id"] == [1]
    assert objects_in(found, "b/x")["id"] == [2]
    assert report.tally.quarantined == {"no_row": 1}


def test_two_images_of_one_name_are_not_told_apart(tmp_path):
    source = gray(tmp_path / "images", ["x.png"], SIDE)
    images = [image(1, "x.png"), image(2, "x.png")]
    labels = {"form": "coco", "instances": write(tmp_path, "i.json", [], images=images)}
    report, _, _ = done(source, tmp_path / "out", labels)
    assert report.tally.quarantined == {"image_named_twice": 1}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[1, 2]", r"expected an object of lists \(\{\), got '\[1, 2\]'"),
        ('{"images": [{"id": 1}', r"expected a comma or the list's end .* got 'the end of the"),
        ('{"images": [{"id": }]}', r"Expecting value at character 19"),
        ('{"categories": [{"name": "cat"}], "images": [], "annotations": []}', r"no whole number"),
    ],
)
def test_a_file_that_is_no_json_of_coco_stops_the_job_and_says_where(tmp_path, text, said):
    (tmp_path / "i.json").write_text(text)
    labels = {"form": "coco", "instances": str(tmp_path / "i.json")}
    with pytest.raises(JobError, match=said):
        pixelmill.run(labelled(photos(tmp_path), tmp_path / "out", labels))


def test_files_that_name_one_category_differently_are_refused(tmp_path):
    other = [{"id": 17, "name": "kitten"}]
    labels = {
        "form": "coco",
        "instances": write(tmp_path, "i.json", instances()),
        "keypoints": write(tmp_path, "k.json", [], categories=other),
    }
    with pytest.raises(JobError, match="category 17 is 'kitten' here and 'cat' in another"):
        pixelmill.run(labelled(photos(tmp_path), tmp_path / "out", labels))


@pytest.mark.parametrize(
    ("labels", "said"),
    [
        ({}, "name the JSON of one task at least: instances"),
        ({"panoptic": "p.json"}, "panoptic and panoptic_masks belong together"),
    ],
)
def test_a_job_that_names_no_file_or_half_of_one_is_refused(tmp_path, labels, said):
    with pytest.raises(JobError, match=said):
        labelled("images/", tmp_path / "out", {"form": "coco", **labels})


def test_nobody_counts_from_one_in_two_files_at_once(tmp_path):
    for name in ("i1.json", "i2.json"):
        write(tmp_path, name, instances())
    labels = {"form": "coco", "instances": str(tmp_path / "i{1,2}.json")}
    with pytest.raises(JobError, match="names several files, whose ids may be the same"):
        pixelmill.run(labelled(photos(tmp_path), tmp_path / "out", labels))
