"""A table that says which images there are, and what is in them."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from annotations.record import levels
from labels.made import done, gray, images, labelled, told
from splits.made import png

import pixelmill
from pixelmill.errors import JobError

HEAD = "path,kind,who,text,drawn,mask\n"


def listed(folder, rows, columns=None, head=HEAD, **more):
    (folder / "t.csv").write_text(head + "".join(f"{row}\n" for row in rows))
    table = str(folder / "t.csv")
    labels = {"table": table, "key": "path", "images": str(folder / "in"), **more}
    return {"urls": table, "kind": "listed"}, {**labels, "columns": columns or {"label": "kind"}}


def test_only_the_images_of_the_table_are_read_and_missing_ones_are_told(tmp_path, rng):
    images(tmp_path / "in", ["x/a.png", "x/b.png", "c.png"], rng)
    rows = ["x/a.png,cat,,,,", "c.png,dog,,,,", "gone.png,cat,,,,", "../t.csv,cat,,,,"]
    rows.append(f"{tmp_path}/in/x/b.png,dog,,,,")
    report, found, manifest = done(*of(tmp_path, listed(tmp_path, rows)))
    assert report.tally.quarantined == {"image_missing": 1, "image_outside": 1}
    assert sorted(found) == ["c", "x/a", "x/b"]
    assert found["x/a"]["cls"] == b"0"
    assert found["x/a"]["png"] == (tmp_path / "in/x/a.png").read_bytes()
    assert manifest["source"]["classes"] == ["cat", "dog"]
    assert manifest["source"]["kind"] == "listed"
    assert manifest["labels"]["rows_without_image"] == 2


def of(folder, asked):
    source, labels = asked
    return source, folder / "out", labels


def test_boxes_and_masks_are_columns_too_and_move_with_the_image(tmp_path):
    gray(tmp_path / "in", ["a.png", "b.png"])
    mask = np.zeros((64, 64), np.uint8)
    mask[:, :32] = 3
    (tmp_path / "in/m.png").write_bytes(png(mask))
    drawn = [{"label": "cat", "bbox": [0, 0, 10, 20]}, {"label": "emu", "bbox": [60, 60, 9, 9]}]
    struct = {"label": ["emu"], "bbox": [[1, 1, 2, 2]]}
    table = {
        "path": ["a.png", "b.png"],
        "drawn": [json.dumps(drawn), json.dumps(struct)],
        "mask": ["m.png", None],
    }
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    source = {"urls": str(tmp_path / "t.parquet"), "kind": "listed"}
    labels = {"table": str(tmp_path / "t.parquet"), "key": "path", "images": str(tmp_path / "in")}
    labels["columns"] = {"boxes": "drawn", "mask": "mask"}
    more = {"transforms": [{"flip": "horizontal"}], "outputs": [{"image": "png"}]}
    report, found, manifest = done(source, tmp_path / "out", labels, **more)
    assert manifest["source"]["classes"] == ["cat", "emu"]
    assert told(found["a"])["objects"]["bbox"] == [[54, 0, 10, 20], [0, 60, 4, 4]]
    assert report.tally.notes["box_clipped"] == 1
    assert told(found["b"])["objects"]["category"] == [1]
    assert (levels(found["a"]["seg.png"]) == mask[:, ::-1]).all()
    assert "seg.png" not in found["b"]


def test_boxes_of_parquet_may_be_lists_of_structs(tmp_path):
    gray(tmp_path / "in", ["a.png", "b.png"])
    drawn = [[{"label": "cat", "bbox": [1.0, 2.0, 3.0, 4.0]}], None]
    pq.write_table(pa.table({"path": ["a.png", "b.png"], "drawn": drawn}), tmp_path / "t.parquet")
    table = str(tmp_path / "t.parquet")
    labels = {"table": table, "key": "path", "images": str(tmp_path / "in")}
    labels["columns"] = {"boxes": "drawn"}
    _, found, _ = done({"urls": table, "kind": "listed"}, tmp_path / "out", labels)
    assert told(found["a"])["objects"]["bbox"] == [[1, 2, 3, 4]]
    assert told(found["b"])["objects"]["bbox"] == []


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ('a.png,,,,"[1, 2]",', "boxes_unreadable"),
        ('a.png,,,,"{""label"": [1]}",', "boxes_unreadable"),
        ("a.png,,,,,none.png", "mask_missing"),
        ("a.png,,,,,../t.csv", "mask_outside"),
        ("a.png,,,,,t.txt", "mask_broken"),
    ],
)
def test_what_a_row_says_wrongly_costs_its_image_alone(tmp_path, rng, row, reason):
    images(tmp_path / "in", ["a.png", "b.png"], rng)
    (tmp_path / "in/t.txt").write_text("no mask")
    asked = listed(tmp_path, [row, "b.png,,,,,"], {"boxes": "drawn", "mask": "mask"})
    report, found, _ = done(*of(tmp_path, asked))
    assert report.tally.quarantined == {reason: 1}
    assert sorted(found) == ["b"]


def test_two_paths_of_one_key_are_told_and_one_image_may_have_several_rows(tmp_path, rng):
    images(tmp_path / "in", ["a.png", "a.webp", "b.png"], rng)
    rows = ["a.png,x,,,,", "a.webp,x,,,,", "b.png,x,p,one,,", "b.png,y,p,two,,"]
    columns = {"labels": "kind", "group": "who", "text": "text"}
    report, found, _ = done(*of(tmp_path, listed(tmp_path, rows, columns)))
    assert report.tally.quarantined == {"duplicate_key": 1}
    assert told(found["b"])["labels"] == [0, 1]
    assert told(found["b"])["captions"] == ["one", "two"]
    assert told(found["b"])["group"] == "p"


def test_states_and_boxes_have_one_list_of_classes(tmp_path, rng):
    images(tmp_path / "in", ["a.png"], rng)
    rows = ['a.png,1,,,"[{""label"": ""emu"", ""bbox"": [1, 1, 2, 2]}]",']
    columns = {"states": ["kind"], "boxes": "drawn"}
    _, found, manifest = done(*of(tmp_path, listed(tmp_path, rows, columns)))
    assert manifest["source"]["classes"] == ["kind", "emu"]
    assert told(found["a"])["label_state"] == [1]
    assert told(found["a"])["objects"]["category"] == [1]


def test_the_same_images_whatever_the_workers_and_the_parts(tmp_path, rng):
    names = [f"{n:02d}.png" for n in range(20)]
    images(tmp_path / "in", names, rng)
    source, labels = listed(tmp_path, [f"{name},x,,,," for name in reversed(names)])
    found = [
        done({**source, "batch": batch}, tmp_path / f"{batch}", labels, workers=workers)[1]
        for batch, workers in ((3, 1), (3, 2), (20, 2))
    ]
    assert found[0] == found[1] == found[2]
    assert list(found[0]) == [name[:-4] for name in reversed(names)]


def test_a_table_that_changed_is_refused_and_one_without_rows_is_told(tmp_path, rng):
    images(tmp_path / "in", ["a.png", "b.png"], rng)
    source, labels = listed(tmp_path, [])
    with pytest.raises(JobError, match=r"no row of .*t\.csv names an image"):
        pixelmill.run(labelled(source, tmp_path / "out", labels))
    with pytest.raises(JobError, match="say where the paths of the column of masks begin"):
        labelled(
            {"urls": "in"}, tmp_path / "out", {**labels, "images": None, "columns": {"mask": "m"}}
        )
