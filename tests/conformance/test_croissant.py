"""mlcroissant validates the Croissant file of an output folder, and iterates its records."""

import hashlib
import json
import logging
import shutil
import warnings
from pathlib import Path

import pytest

import pixelmill
from pixelmill import Job, papers
from pixelmill.labels.record import written
from pixelmill.outputs import croissant as ours
from pixelmill.outputs.card import OutputFacts
from pixelmill.outputs.output import ShardRecord

WORDS = {
    "name": "pets", "description": "Pets on a couch.", "license": "CC-BY-4.0", "date": "2026-11-30",
    "url": "https://example.org/pets", "creator": "The Couch", "citation": "Couch 2026",
    "version": "1.0.0",
}  # fmt: skip


@pytest.fixture
def made(tmp_path, labelled_tar):
    """The folder that a job makes of eight labelled samples."""

    def run(format="webdataset", **more):
        source = str(tmp_path / "in.tar")
        if not Path(source).exists():
            labelled_tar(source, range(8))
        out = tmp_path / format
        outputs = [{"format": format, "image": "keep", "shards": {"samples": 5}}]
        facts = {"outputs": outputs, "dataset": WORDS} | more
        assert pixelmill.run(Job(source=source, output=str(out), **facts)).exit_code == 0
        return out

    return run


@pytest.fixture
def opened(tmp_path, monkeypatch, caplog):
    """A folder's Croissant file as mlcroissant opens it, with what it finds wrong."""
    pytest.importorskip("mlcroissant", reason="pip install mlcroissant", exc_type=ImportError)

    def run(folder):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import mlcroissant
            from mlcroissant._src.operation_graph.operations import extract

            # It unpacks a tar once for all folders where one of that name lies.
            monkeypatch.setattr(extract, "EXTRACT_PATH", extract.epath.Path(tmp_path / "cache"))
            return mlcroissant.Dataset(str(folder / "croissant.json"))

    return run


def records(dataset, name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return list(dataset.records(name))


def test_nothing_is_wrong_with_it(made, opened, caplog):
    with caplog.at_level(logging.WARNING):
        found = opened(made()).metadata
    assert found.ctx.issues.report() == ""
    assert caplog.messages == []
    assert found.ctx.is_v1_1()
    assert (found.name, found.license, found.version) == ("pets", ["CC-BY-4.0"], "1.0.0")
    assert found.creators[0].name == "The Couch"
    assert found.cite_as == "Couch 2026"


def test_every_record_of_the_tars_is_iterated_with_its_class(made, opened):
    found = records(opened(made()), "train")
    assert [row["train/key"] for row in found] == [b"d.x/img-%d" % n for n in range(8)]
    assert [row["train/image"].size for row in found] == [(32 + n, 24) for n in range(8)]
    assert [row["train/cls"] for row in found] == [n % 2 for n in range(8)]
    assert {row["train/split"] for row in found} == {b"train"}


def test_what_else_a_sample_has_is_a_record_set_with_the_same_keys(made, opened, labelled):
    dataset = opened(made())
    found = records(dataset, "train_json")
    assert [row["train_json/json"] for row in found] == [written(labelled(n)) for n in range(8)]
    masks = records(dataset, "train_seg.png")
    assert [row["train_seg.png/key"] for row in masks] == [b"d.x/img-%d" % n for n in range(8)]
    assert masks[3]["train_seg.png/seg.png"].size == (35, 24)


def test_every_row_of_parquet_is_iterated(made, opened, labelled):
    found = records(opened(made("parquet")), "train")
    assert [row["train/key"] for row in found] == [b"d.x/img-%d" % n for n in range(8)]
    assert [row["train/image"].size for row in found] == [(32 + n, 24) for n in range(8)]
    assert [row["train/label"] for row in found] == [n % 2 for n in range(8)]
    assert json.loads(found[6]["train/json"]) == labelled(6)


def test_a_shard_that_was_changed_is_found_by_its_checksum(made, opened):
    out = made()
    dataset = opened(out)
    shard = out / "train-000000-001.tar"
    shard.write_bytes(shard.read_bytes()[:-512] + b"\1" * 512)
    with pytest.raises(Exception, match=r"(?s)Download.*|hash"):
        records(dataset, "train")


def test_sides_are_splits(made, opened):
    out = made(split={"fractions": {"train": 0.5, "test": 0.5}}, outputs=[{"image": "keep"}])
    dataset = opened(out)
    splits = records(dataset, "splits")
    assert [row["splits/name"] for row in splits] == ["train", "test"]
    assert splits[1]["splits/url"].endswith("TestSplit")
    count = {name: len(records(dataset, name)) for name in ("train", "test")}
    assert sum(count.values()) == 8
    assert min(count.values()) > 0


def test_columns_of_a_record_are_declared_boxes_as_boxes(made, opened):
    out = made()
    members = json.loads((out / "croissant.json").read_text())["recordSet"]
    fields = {field["@id"]: field for one in members for field in one["field"]}
    columns = {field["@id"]: field for field in fields["train_json/json"]["annotation"]}
    box = columns["train_json/json/objects/bbox"]
    assert box["dataType"] == "cr:BoundingBox"
    assert box["source"] == {
        "fileSet": {"@id": "train-json"}, "format": "XYWH",
        "extract": {"jsonPath": "$.objects.bbox"},
    }  # fmt: skip
    assert columns["train_json/json/objects/polygons"]["arrayShape"] == "-1,-1,-1"
    assert columns["train_json/json/labels"]["arrayShape"] == "-1"
    assert columns["train_json/json/width"]["dataType"] == "sc:Integer"
    told = next(f for f in opened(out).metadata.record_sets if f.id == "train_json").fields
    assert len(next(f for f in told if f.id == "train_json/json").annotations) == len(columns)


def test_a_folder_of_very_many_shards_has_a_small_file_that_leads_to_the_checksums(
    made, opened, monkeypatch
):
    monkeypatch.setattr(ours, "MOST_SHARDS", 1)
    monkeypatch.setattr(papers, "MOST_SHARDS", 1)
    out = made()
    told = json.loads((out / "croissant.json").read_text())
    (manifest,) = [one for one in told["distribution"] if one["@type"] == "cr:FileObject"]
    data = Path(out, "manifest.json").read_bytes()
    assert manifest["contentSize"] == f"{len(data)} B"
    assert manifest["sha256"] == hashlib.sha256(data).hexdigest()
    shards = next(one for one in told["distribution"] if one["@id"] == "train-shards")
    assert shards["includes"] == ["train-[0-9][0-9][0-9][0-9][0-9][0-9]*.tar"]
    assert opened(out).metadata.ctx.issues.report() == ""


def test_its_size_does_not_grow_with_the_shards_beyond_a_thousand():
    def size(count):
        names = [f"train-{n:06d}.tar" for n in range(count)]
        facts = OutputFacts("train", "webdataset", names, count, ["jpg", "json"])
        shards = [ShardRecord("train", name, 1, 10240, "0" * 64) for name in names]
        told = ours.croissant(ours.About("x"), [facts], shards[:1001], lambda: (1, "0" * 64))
        return len(json.dumps(told))

    assert size(1001) == size(5000) < 6000 < size(1000) < 500_000


def test_it_is_the_same_whoever_writes_it_and_words_change_no_shard(made, tmp_path):
    first = made()
    told = (first / "croissant.json").read_bytes()
    shutil.rmtree(first / "ledger")
    (first / "job.yaml").unlink()
    moved = tmp_path / "other"
    first.rename(moved)
    again = made(dataset=WORDS | {"license": "CC0-1.0"}, executor={"workers": 2})
    assert (again / "croissant.json").read_bytes() == told.replace(b"CC-BY-4.0", b"CC0-1.0")
    assert (again / "train-000000-000.tar").read_bytes() == (
        moved / "train-000000-000.tar"
    ).read_bytes()
    page = (again / "README.md").read_text()
    assert page.startswith("---\nlicense: CC0-1.0\n")
    assert "# pets" in page
