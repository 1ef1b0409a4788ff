"""Outputs with labels load with all their types, though the first samples have none to show.

`datasets` infers types from the first five samples, which here hold no object, no mask and no
caption; without the types of the card, the sixth would break it.
"""

import json

import pytest

import pixelmill
from pixelmill import Job


@pytest.fixture
def folder(tmp_path, labelled_tar):
    """What a job makes of eight samples, as tars or as Parquet."""

    def run(format, others=None, **more):
        out = tmp_path / format
        source = labelled_tar(tmp_path / f"{format}.tar", range(8), others or {})
        outputs = [{"format": format, "image": "keep"}]
        assert not pixelmill.run(
            Job(source=source, output=str(out), outputs=outputs, **more)
        ).failed
        return str(out)

    return run


def test_a_tar_whose_first_five_samples_are_empty_breaks_a_reader_that_guesses(folder, load):
    """Else the card's types were tested on nothing."""
    import datasets

    files = folder("webdataset") + "/*.tar"
    with pytest.raises(datasets.exceptions.DatasetGenerationError):
        load("webdataset", data_files=files, split="train")


def test_tars_load_with_every_column_of_their_records(folder, load, labelled):
    found = load(folder("webdataset"), split="train")
    assert [row["json"] for row in found] == [labelled(n) for n in range(8)]
    objects = found.features["json"]["objects"]
    assert objects["bbox"].feature.feature.dtype == "float64"
    assert objects["polygons"].feature.feature.feature.dtype == "float64"
    assert found.features["json"]["labels"].feature.dtype == "int64"


def test_parquet_loads_with_the_same_text(folder, load, labelled):
    out = folder("parquet")
    found = load(out, split="train")
    assert [json.loads(row["json"]) for row in found] == [labelled(n) for n in range(8)]
    files = load("parquet", data_files=f"{out}/*.parquet", split="train")
    assert files["json"] == found["json"]


def test_moved_records_load_and_say_where_their_objects_are_now(folder, load, labelled):
    out = folder("webdataset", transforms=[{"resize": {"size": [48, 74], "mode": "exact"}}],
                 annotations={"min_size": 0})  # fmt: skip
    found = load(out, split="train")
    assert found[5]["json"]["objects"]["bbox"][0] == [3.0, 4.0, 20.0, 16.0]
    assert found[0]["json"]["objects"]["bbox"] == []


def test_one_json_of_another_schema_leaves_all_of_them_free(folder, load, labelled):
    found = load(folder("webdataset", {7: b'{"mine": [1, 2]}'}), split="train")
    assert found[7]["json"] == {"mine": [1, 2]}
    assert found[6]["json"] == labelled(6)


@pytest.mark.parametrize("format", ["webdataset", "parquet"])
def test_a_table_s_classes_name_the_labels(tmp_path, load, format, jpeg):
    folder = tmp_path / "images"
    folder.mkdir()
    for n in range(8):
        (folder / f"img-{n}.jpg").write_bytes(jpeg(n))
    rows = [f"img-{n}.jpg,{'' if n < 5 else 'dog|cat' if n == 5 else 'cat'}\n" for n in range(8)]
    (tmp_path / "table.csv").write_text("file,kinds\n" + "".join(rows))
    labels = {"table": str(tmp_path / "table.csv"), "key": "file", "columns": {"labels": "kinds"}}
    out = str(tmp_path / "out")
    source = {"urls": [str(folder)], "labels": labels}
    pixelmill.run(Job(source=source, output=out, outputs=[{"format": format, "image": "keep"}]))
    found = load(out, split="train")
    if format == "webdataset":
        named = found.features["json"]["labels"].feature
        assert named.names == ["cat", "dog"]
        assert [row["json"]["labels"] for row in found] == [[]] * 5 + [[0, 1], [0], [0]]
    else:
        assert [json.loads(row["json"])["labels"] for row in found][5] == [0, 1]
    page = (tmp_path / "out/README.md").read_text()
    assert "`labels` and `objects.category` count 2 classes, in this order: cat, dog." in page
