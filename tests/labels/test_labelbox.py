"""Labelbox exports of version 2: real samples, and exports made here."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from labels.exported import answered, box, data_row, export, label, points
from labels.made import done, gray, labelled, told
from PIL import Image
from splits.made import png

import pixelmill
from pixelmill.errors import JobError
from pixelmill.labels.record import record
from pixelmill_kernels import rle

DATA = Path(os.environ.get("PIXELMILL_DATA", Path(__file__).parents[3] / "shared" / "data"))
corpus = pytest.mark.skipif(not DATA.exists(), reason=f"the samples are not at {DATA}")


def one_image(folder, *rows, labels=None, **more):
    """The report, the record of a.png and the manifest."""
    labels = {**export(folder, *rows), **(labels or {})}
    source = gray(folder / "in", ["a.png"])
    more = {"decode": {"color": "keep"}, **more}
    report, found, manifest = done(source, folder / "out", labels, **more)
    return report, told(found["a"]) if "a" in found else None, manifest


def test_every_annotator_is_kept_with_name_and_score(tmp_path):
    first = label(box(1, 2, 3, 4), box(5, 6, 7, 8, "dog"), who="ann1", score=0.8)
    second = label(box(1, 2, 4, 4), who="ann2", score=0.6)
    report, one, manifest = one_image(tmp_path, data_row("a.png", first, second))
    assert report.tally.written == 1
    objects = one["objects"]
    assert objects["bbox"] == [[1, 2, 3, 4], [5, 6, 7, 8], [1, 2, 4, 4]]
    assert objects["annotator"] == ["ann1", "ann1", "ann2"]
    assert objects["score"] == [0.8, 0.8, 0.6]
    assert objects["category"] == [0, 1, 0]
    assert one["annotators"] == ["ann1", "ann2"]
    assert one.keys() == record("", "").keys()
    assert manifest["source"]["classes"] == ["cat", "dog"]
    assert "embeddings" not in json.loads(one["meta"])


def test_polygons_lines_and_points_have_a_place_in_the_record(tmp_path):
    ring = points((10, 10), (20, 10), (20, 30), (10, 10))
    shapes = [
        {"name": "leaf", "polygon": ring},
        {"name": "road", "line": points((1, 1), (9, 1), (9, 5))},
        {"name": "eye", "point": {"x": 30.5, "y": 40.5}},
    ]
    _, one, manifest = one_image(tmp_path, data_row("a.png", label(*shapes)))
    objects = one["objects"]
    assert objects["polygons"] == [[[10, 10, 20, 10, 20, 30]], [], []]
    assert objects["area"][0] == 100
    assert objects["keypoints"][1] == [0.5, 0.5, 2, 8.5, 0.5, 2, 8.5, 4.5, 2]
    assert objects["keypoints"][2] == [30, 40, 2]
    assert objects["bbox"] == [[10, 10, 10, 20], [1, 1, 8, 4], [30.5, 40.5, 0, 0]]
    assert manifest["source"]["classes"] == ["eye", "leaf", "road"]


def test_lines_and_points_move_with_the_image_and_go_when_they_leave_it(tmp_path):
    shapes = [
        {"name": "road", "line": points((2, 32), (62, 32))},
        {"name": "eye", "point": {"x": 32.0, "y": 20.0}},
        {"name": "eye", "point": {"x": 1.0, "y": 1.0}},
    ]
    steps = {"transforms": [{"center_crop": [32, 64]}, {"resize": 16}, {"flip": "horizontal"}]}
    steps["outputs"] = [{"image": "png"}]
    report, one, _ = one_image(tmp_path, data_row("a.png", label(*shapes)), **steps)
    objects = one["objects"]
    assert objects["id"] == [0, 1]
    assert objects["keypoints"][0] == [30.5, 7.5, 2, 0.5, 7.5, 2]
    assert objects["bbox"] == [[1, 8, 30, 0], [16, 2, 0, 0]]
    assert report.tally.notes["annotation_outside"] == 1
    assert report.tally.notes["keypoint_outside"] == 1


def test_a_level_line_that_begins_outside_is_cut_and_not_lost(tmp_path):
    shapes = [
        {"name": "road", "line": points((-5, 32), (62, 32))},
        {"name": "road", "line": points((-5, 32), (-2, 32))},
    ]
    report, one, _ = one_image(tmp_path, data_row("a.png", label(*shapes)))
    assert one["objects"]["bbox"] == [[0, 32, 62, 0]]
    assert report.tally.notes == {"box_clipped": 1, "annotation_outside": 1}


def test_a_line_of_seventeen_points_is_no_person_in_a_mirror(tmp_path):
    line = {"name": "road", "line": points(*((n + 1.0, 2.0) for n in range(17)))}
    flipped = {"transforms": [{"flip": "horizontal"}], "outputs": [{"image": "png"}]}
    _, one, _ = one_image(tmp_path, data_row("a.png", label(line)), **flipped)
    xs = one["objects"]["keypoints"][0][::3]
    assert xs == sorted(xs, reverse=True)


def test_answers_nest_and_are_certain_where_all_annotators_agree(tmp_path):
    nested = [answered("how far", "near")]
    both = answered("weather", "rain", "wind")
    first = label(who="ann1", answers=[answered("place", "road", nested=nested), both])
    typed = {"name": "note", "text_answer": {"content": "at dusk"}}
    second = label(who="ann2", answers=[answered("place", "road"), answered("weather", "rain")])
    second["annotations"]["classifications"].append(typed)
    _, one, manifest = one_image(tmp_path, data_row("a.png", first, second))
    classes = manifest["source"]["classes"]
    assert classes == ["place/road", "place/road/how far/near", "weather/rain", "weather/wind"]
    assert one["labels"] == [0, 1, 2, 3]
    assert one["label_state"] == [1, 1, 1, -1]
    kept = [one["annotations"]["classifications"] for one in labels_in(one)]
    assert kept[0][0]["radio_answer"]["classifications"] == nested
    assert kept[1][-1]["text_answer"] == {"content": "at dusk"}


def labels_in(one):
    return json.loads(one["meta"])["projects"][0]["labels"]


def test_skipped_labels_are_counted_and_say_so_and_empty_ones_survive(tmp_path):
    skipped = label(box(1, 1, 2, 2), who="ann1", skipped=True)
    report, one, _ = one_image(tmp_path, data_row("a.png", skipped))
    assert report.tally.notes == {"label_skipped": 1}
    assert one["objects"]["bbox"] == one["annotators"] == []
    assert labels_in(one)[0]["performance_details"]["skipped"] is True
    (tmp_path / "empty").mkdir()
    report, one, _ = one_image(tmp_path / "empty", data_row("a.png"))
    assert report.tally.written == 1
    assert one["objects"]["bbox"] == one["labels"] == []


def test_what_is_wrong_is_mended_or_left_out_by_rule_and_counted(tmp_path):
    wrong = [
        box(60, 60, 10, 10),
        box(80, 80, 4, 4),
        box(9, 9, -4, -4),
        box(1, float("nan"), 2, 2),
        {"name": "leaf", "polygon": points((1, 1), (2, 2))},
        {"name": "leaf", "bounding_box": {"left": 1}},
        {"name": "leaf", "cuboid": {}},
        box(1, 1, 2, 2, feature_id="twice"),
        box(3, 3, 2, 2, feature_id="twice"),
    ]
    report, one, _ = one_image(tmp_path, data_row("a.png", label(*wrong)))
    assert report.tally.notes == {
        "box_clipped": 1,
        "annotation_outside": 1,
        "box_corners_swapped": 1,
        "annotation_not_finite": 1,
        "polygon_broken": 1,
        "annotation_without_shape": 1,
        "annotation_unreadable": 1,
        "shape_unknown": 1,
        "annotation_id_twice": 1,
    }
    assert one["objects"]["bbox"] == [[60, 60, 4, 4], [5, 5, 4, 4], [1, 1, 2, 2]]


def test_objects_without_an_id_are_not_one_object_and_null_is_none(tmp_path):
    given = label(box(1, 1, 2, 2, feature_id=None), box(3, 3, 2, 2, feature_id=None))
    given["annotations"]["objects"].append(None)
    report, one, manifest = one_image(tmp_path, data_row("a.png", given))
    assert one["objects"]["bbox"] == [[1, 1, 2, 2], [3, 3, 2, 2]]
    assert report.tally.notes == {"shape_unknown": 1}
    assert manifest["source"]["classes"] == ["cat"]


def test_a_relationship_is_between_the_numbers_of_its_objects(tmp_path):
    ends = {"source": "ann@-1", "target": "ann@-0", "readonly": False}
    rides = {"name": "rides", "unidirectional_relationship": ends}
    row = data_row("a.png", label(box(1, 1, 5, 5), box(2, 2, 5, 5), relationships=[rides]))
    _, one, _ = one_image(tmp_path, row)
    assert one["relations"] == {"subj": [1], "obj": [0], "label": ["rides"]}


def mask_of(rows, columns, side=64):
    mask = np.zeros((side, side), np.uint8)
    mask[rows, columns] = 255
    return mask


def decoded(one, n):
    counts = rle.from_text(one["objects"]["rle_counts"][n].encode())
    return rle.decode(counts, tuple(one["objects"]["rle_size"][n]))


def test_masks_come_from_a_folder_by_feature_id_and_by_colour(tmp_path):
    (tmp_path / "masks").mkdir()
    plain = mask_of(slice(2, 5), slice(3, 9))
    (tmp_path / "masks/f1.png").write_bytes(png(plain))
    colors = np.zeros((64, 64, 3), np.uint8)
    colors[10:20, 10:20] = (255, 0, 7)
    colors[30:40, 10:20] = (0, 255, 7)
    (tmp_path / "masks/both.png").write_bytes(png(colors))
    url = "https://server/masks/both.png?token=secret"
    shapes = [
        {"name": "a", "feature_id": "f1", "mask": {"url": "https://server/other?token=secret"}},
        {"name": "b", "composite_mask": {"url": url, "color_rgb": [255, 0, 7]}},
        {"name": "c", "composite_mask": {"url": url, "color_rgb": [0, 255, 7]}},
    ]
    row = data_row("a.png", label(*shapes))
    report, one, _ = one_image(tmp_path, row, labels={"masks": str(tmp_path / "masks")})
    assert (decoded(one, 0) == (plain > 0)).all()
    assert (decoded(one, 1) == (colors == (255, 0, 7)).all(axis=2)).all()
    assert one["objects"]["bbox"] == [[3, 2, 6, 3], [10, 10, 10, 10], [10, 30, 10, 10]]
    assert one["objects"]["area"] == [18, 100, 100]
    assert not report.tally.notes


def test_a_mask_that_is_not_there_is_not_lost(tmp_path):
    shapes = [{"name": "a", "mask": {"url": "https://server/m.png"}}, box(1, 1, 1, 1)]
    row = data_row("a.png", label(*shapes))
    report, one, _ = one_image(tmp_path, row)
    assert report.tally.notes == {"mask_not_asked_for": 1}
    assert len(one["objects"]["bbox"]) == 1
    (tmp_path / "none").mkdir()
    labels = {"masks": str(tmp_path / "none")}
    (tmp_path / "again").mkdir()
    report, one, _ = one_image(tmp_path / "again", row, labels=labels)
    assert report.tally.quarantined == {"mask_missing": 1}


@pytest.mark.parametrize(
    ("data", "note"),
    [
        (b"no image", "mask_broken"),
        (png(np.zeros((64, 64), np.uint8)), "mask_empty"),
        (png(mask_of(slice(4), slice(4), 32)), "mask_rescaled"),
    ],
    ids=["no image", "all black", "half the size"],
)
def test_a_mask_that_is_no_mask_of_its_image_is_counted(tmp_path, data, note):
    (tmp_path / "m.png").write_bytes(data)
    row = data_row("a.png", label({"name": "a", "mask": {"url": "https://server/m.png"}}))
    report, one, _ = one_image(tmp_path, row, labels={"masks": str(tmp_path)})
    assert report.tally.notes == {note: 1}
    if note == "mask_rescaled":
        assert one["objects"]["rle_size"] == [[64, 64]]
        assert one["objects"]["bbox"] == [[0, 0, 8, 8]]


def test_ndjson_an_array_and_gzip_are_one_thing_whatever_the_blocks(tmp_path, monkeypatch):
    import gzip

    rows = [data_row(f"{n}.png", label(box(n, n, 5, 5))) for n in range(1, 6)]
    source = gray(tmp_path / "in", [f"{n}.png" for n in range(1, 6)])
    found = []
    for block, array in ((1 << 20, False), (7, False), (100, True)):
        monkeypatch.setattr("pixelmill.labels.labelbox.texts.BLOCK", block)
        labels = export(tmp_path, *rows, array=array)
        found.append(done(source, tmp_path / f"{block}-{array}", labels)[1])
    packed = tmp_path / "export.ndjson.gz"
    packed.write_bytes(gzip.compress(Path(labels["table"]).read_bytes()))
    found.append(done(source, tmp_path / "gz", {**labels, "table": str(packed)})[1])
    assert all(one == found[0] for one in found[1:])
    assert len(found[0]) == 5


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"Labeled Data": "u", "Label": {}}', "is a Labelbox export of version 1"),
        ('[{"dataRow": {"id": "x"}, "schemaId": "y"}]', "is Labelbox's import NDJSON"),
        ('{"a": 1}', "is no Labelbox export of version 2.*it has 'a'"),
        ("", "is empty"),
        ("[1]", "expected an object of JSON, got int"),
        (json.dumps(data_row("a.png"))[:-9], "comes what is no JSON .*cut short"),
        (
            json.dumps(data_row("a", media_attributes={"asset_type": "video"})),
            "is of a video, whose annotations are by frame",
        ),
        (
            json.dumps(data_row("a", {"annotations": {"frames": {"13": {}}}})),
            "is of a video, whose annotations are by frame",
        ),
        (
            json.dumps(data_row("a", media_attributes={"asset_type": "text"})),
            "is of asset type 'text', not of an image",
        ),
    ],
)
def test_every_other_dialect_is_refused_by_its_name_before_anything_runs(tmp_path, text, said):
    (tmp_path / "e.json").write_text(text)
    labels = {"form": "labelbox", "table": str(tmp_path / "e.json")}
    source = gray(tmp_path / "in", ["a.png"])
    with pytest.raises(JobError, match=f"e.json.*{said}"):
        pixelmill.run(labelled(source, tmp_path / "out", labels))
    assert not (tmp_path / "out").exists()


def test_names_may_be_global_keys_and_one_project_of_several_is_taken(tmp_path):
    row = data_row("x y.1.png", label(box(1, 1, 2, 2)))
    row["data_row"]["global_key"] = "a.png"
    row["projects"]["p2"] = {"name": "plants", "labels": [label(box(3, 3, 2, 2, "leaf"))]}
    words = {"named_by": "global_key", "project": "plants"}
    _, one, manifest = one_image(tmp_path, row, labels=words)
    assert one["objects"]["bbox"] == [[3, 3, 2, 2]]
    assert manifest["source"]["classes"] == ["leaf"]
    assert json.loads(one["meta"])["data_row"]["external_id"] == "x y.1.png"


def test_no_signature_of_a_url_is_written(tmp_path):
    url = "https://server/a.png?Signature=planted-secret"
    row = data_row("a.png", label({"name": "a", "mask": {"url": url}}), url=url)
    _, one, _ = one_image(tmp_path, {**row, "attachments": [{"value": url}]})
    assert one["provenance"]["url"] == "https://server/a.png?***"
    for path in (tmp_path / "out").rglob("*"):
        assert path.is_dir() or b"planted-secret" not in path.read_bytes(), path


@pytest.mark.corpus
@corpus
def test_the_real_export_has_its_sixteen_boxes_under_their_odd_names(tmp_path):
    names = ["a-weird Filename.asdf.jpg", "aNother-weird__ filename.with.many.characters.jpg"]
    for name, height in zip(names, (416, 426), strict=True):
        blank = Image.new("L", (640, height))
        (tmp_path / "in").mkdir(exist_ok=True)
        blank.save(tmp_path / "in" / name)
    source = str(tmp_path / "in")
    table = str(DATA / "labelbox/labelformat_export-result.ndjson")
    labels = {"form": "labelbox", "table": table}
    _, found, manifest = done(source, tmp_path / "out", labels)
    first = told(found["a-weird Filename_asdf"])
    assert first["objects"]["bbox"][0] == [540, 295, 23, 18]
    assert json.loads(first["meta"])["data_row"]["external_id"] == names[0]
    assert [len(told(one)["objects"]["bbox"]) for one in found.values()] == [8, 8]
    assert "bicycle with space" in manifest["source"]["classes"]


@pytest.mark.corpus
@corpus
def test_the_three_annotators_of_the_consensus_sample_are_all_there(tmp_path):
    table = DATA / "labelbox/SYNTHETIC_consensus_3annotators.ndjson"
    labels = {"form": "labelbox", "table": str(table)}
    report, found, manifest = done(str(DATA / "coco/images"), tmp_path / "out", labels)
    assert (report.tally.written, report.tally.quarantined) == (6, {"no_row": 14})
    rows = [json.loads(line) for line in table.read_text().splitlines()]
    for row in rows:
        one = told(found[row["data_row"]["external_id"].removesuffix(".jpg")])
        given = row["projects"]["proj1"]["labels"]
        assert one["annotators"] == [f"ann{n}@example.org" for n in (1, 2, 3)]
        assert len(one["objects"]["id"]) == sum(len(x["annotations"]["objects"]) for x in given)
        scores = {x["performance_details"]["consensus_score"] for x in given}
        assert set(one["objects"]["score"]) == scores
    assert manifest["source"]["classes"][-2:] == ["scene/indoor", "scene/outdoor"]


@pytest.mark.corpus
@corpus
@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("sdk_v1_image_export.json", "is a Labelbox export of version 1"),
        ("sdk_ndjson_image_import.json", "is Labelbox's import NDJSON"),
    ],
)
def test_the_other_real_dialects_are_refused_by_name(tmp_path, name, said):
    labels = {"form": "labelbox", "table": str(DATA / "labelbox" / name)}
    with pytest.raises(JobError, match=said):
        pixelmill.run(labelled(gray(tmp_path / "in", ["a.png"]), tmp_path / "out", labels))
