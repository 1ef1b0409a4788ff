"""The commands that import Labelbox exports, tables, folders and Hugging Face's Parquet."""

import json
import tarfile

import numpy as np
import pytest
from labels.exported import box, data_row, export, label
from labels.made import gray
from splits.made import png


def keys_in(out):
    found = {}
    for path in sorted(out.glob("*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                key, _, name = member.name.partition(".")
                found.setdefault(key, {})[name] = tar.extractfile(member).read()
    return found


def imported(pixelmill, name, *words):
    said = pixelmill("import", name, *words, "--json")
    assert said.code == 0, said.all
    return json.loads(said.out)["tally"]


def test_a_labelbox_export_is_imported_with_images_from_a_folder(pixelmill, tmp_path):
    source = gray(tmp_path / "in", ["a.png", "b.png"])
    rows = [data_row(f"{name}.png", label(box(1, 1, 4, 4))) for name in "ab"]
    table, out = export(tmp_path, *rows)["table"], tmp_path / "out"
    tally = imported(pixelmill, "labelbox", table, out, "--images", source, "--project", "p1")
    assert tally["written"] == 2
    found = keys_in(out)
    assert found["a"]["png"] == (tmp_path / "in/a.png").read_bytes()
    assert json.loads(found["a"]["json"])["objects"]["bbox"] == [[1, 1, 4, 4]]
    said = pixelmill("import", "labelbox", table, tmp_path / "o")
    assert said.code == 2
    assert "--images" in said.err


def test_a_table_is_imported_by_its_columns(pixelmill, tmp_path):
    source = gray(tmp_path / "in", ["a.png", "b.png", "c.png"])
    (tmp_path / "t.csv").write_text("file,kind,who,note\na.png,cat,p,x\nb.png,dog,q,y\n")
    words = ("--images", source, "--path", "file", "--label", "kind", "--group", "who")
    out = tmp_path / "out"
    tally = imported(pixelmill, "table", tmp_path / "t.csv", out, *words, "--meta", "note")
    assert tally["written"] == 2
    one = json.loads(keys_in(out)["b"]["json"])
    assert (one["labels"], one["group"], one["meta"]) == ([1], "q", '{"note": "y"}')


def test_a_folder_is_imported_with_masks_beside(pixelmill, tmp_path):
    source = gray(tmp_path / "in", ["cat/a.png", "dog/b.png"])
    (tmp_path / "in/cat/a_mask.png").write_bytes(png(np.zeros((64, 64), np.uint8)))
    out = tmp_path / "out"
    words = ("--mask-suffix", "_mask.png", "--class-from", "folder")
    tally = imported(pixelmill, "folder", source, out, *words)
    assert (tally["written"], tally["notes"]) == (2, {"without_mask": 1})
    assert keys_in(out)["cat/a"].keys() == {"png", "cls", "json", "seg.png"}


def test_parquet_of_hugging_face_is_imported_with_its_own_keys(pixelmill, tmp_path):
    datasets = pytest.importorskip("datasets", reason="what writes the Parquet")
    datasets.disable_progress_bars()
    features = datasets.Features(
        {
            "image": datasets.Image(),
            "name": datasets.Value("string"),
            "label": datasets.ClassLabel(names=["cat", "dog"]),
        }
    )
    image = {"bytes": png(np.zeros((8, 8), np.uint8)), "path": None}
    columns = {"image": [image], "name": ["n1"], "label": [1]}
    made = datasets.Dataset.from_dict(columns, features=features)
    made.to_parquet(str(tmp_path / "d.parquet"))
    out = tmp_path / "out"
    imported(pixelmill, "huggingface", tmp_path / "d.parquet", out, "--key", "name")
    assert keys_in(out)["n1"]["cls"] == b"1"
    assert "dog" in (out / "README.md").read_text()
