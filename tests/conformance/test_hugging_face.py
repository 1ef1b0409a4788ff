"""Hugging Face datasets opens what we wrote, with its types as the card states them."""

import io
import json

import numpy as np
import pytest

from pixelmill.outputs.card import OutputFacts, dataset_card
from pixelmill.sample import Sample
from pixelmill.sources import open_source


def card_for(folder, records, **options):
    facts = {}
    for record in records:
        facts.setdefault(record.output, []).append(record)
    outputs = [
        OutputFacts(
            name,
            "parquet" if found[0].name.endswith("parquet") else "webdataset",
            [r.name for r in found],
            sum(r.samples for r in found),
            sorted({field for r in found for field in r.fields}),
        )
        for name, found in facts.items()
    ]
    (folder / "README.md").write_text(dataset_card(outputs, **options), encoding="utf-8")


def test_tars_load_without_a_card(tars, samples, load):
    same = [str(path) for path in sorted(tars.glob("*.tar"))][1:]  # boxes in all of them but one
    found = load("webdataset", data_files=same, split="train")
    assert found["__key__"] == [s.key for s in samples[6:]]
    assert found[0]["jpg"].size == (38, 24)
    assert found["cls"] == [int(s.fields["cls"]) for s in samples[6:]]


def test_a_folder_with_its_card_loads_with_types_that_do_not_vary(tmp_path, samples, write, load):
    folder = tmp_path / "data"
    # The fifth field comes first in the last shard: a reader that guesses would drop it.
    late = Sample("late", {**samples[0].fields, "dat": b"\xff"}, "w", "jpg")
    records = write(folder, [*samples, late], samples=6)
    (folder / "quarantine").mkdir()
    (folder / "quarantine/000000.tar").write_bytes(b"not for training")
    card_for(folder, records, classes=["cat", "dog", "1: fish"])
    found = load(str(folder), split="train")
    assert found["__key__"] == [s.key for s in samples] + ["late"]
    assert found.features["cls"].names == ["cat", "dog", "1: fish"]
    assert found[11]["json"] == json.loads(samples[11].fields["json"])
    assert found[3]["seg.png"].size == (35, 24)
    assert found[12]["dat"] == b"\xff"
    assert found[0]["dat"] is None


def test_two_outputs_are_two_configurations(tmp_path, samples, write, load):
    folder = tmp_path / "data"
    records = write(folder, samples, output="large") + write(folder, samples[:3], output="small")
    card_for(folder, records)
    assert len(load(str(folder), split="train")) == 12
    assert len(load(str(folder), "small", split="train")) == 3


def test_splits_load_as_splits(tmp_path, samples, write, load):
    folder = tmp_path / "data"
    records = write(folder, samples[:8], output="train") + write(folder, samples[8:], output="val")
    card_for(folder, records)
    found = load(str(folder))
    assert {name: len(split) for name, split in found.items()} == {"train": 8, "validation": 4}


@pytest.mark.parametrize("with_card", [False, True], ids=["bare", "card"])
def test_parquet_loads_with_images_decoded(tmp_path, samples, write, load, with_card):
    folder = tmp_path / "data"
    records = write(folder, samples, "parquet", samples=6)
    if with_card:
        card_for(folder, records, classes=["cat", "dog", "fish"])
        found = load(str(folder), split="train")
        assert found.features["label"].names == ["cat", "dog", "fish"]
    else:
        files = [str(folder / r.name) for r in records]
        found = load("parquet", data_files=files, split="train")
    assert found["__key__"] == [s.key for s in samples]
    assert found[11]["image"].size == (43, 24)
    assert found["label"] == [int(s.fields["cls"]) for s in samples]
    assert found["text"] == [s.fields["txt"].decode() for s in samples]
    assert found[2]["other"] == [{"name": "seg.png", "data": samples[2].fields["seg.png"]}]


def test_parquet_of_arrays_loads_as_bytes(tmp_path, write, load):
    out = io.BytesIO()
    np.save(out, np.arange(6, dtype=np.float32))
    [record] = write(
        tmp_path / "data", [Sample("k", {"npy": out.getvalue()}, "w", "npy")], "parquet"
    )
    found = load("parquet", data_files=str(tmp_path / "data" / record.name), split="train")
    np.testing.assert_array_equal(np.load(io.BytesIO(found[0]["image"]["bytes"])), range(6))


def test_what_hugging_face_wrote_is_read(tmp_path, samples):
    import datasets

    features = datasets.Features(
        {
            "image": datasets.Image(),
            "label": datasets.ClassLabel(names=["cat", "dog"]),
            "caption": datasets.Value("string"),
            "objects": {"bbox": datasets.List(datasets.List(datasets.Value("float32")))},
        }
    )
    rows = {
        "image": [{"bytes": s.fields["jpg"], "path": f"{i}.jpg"} for i, s in enumerate(samples)],
        "label": [i % 2 for i in range(12)],
        "caption": [f"c{i}" for i in range(12)],
        "objects": [{"bbox": [[0.5, 1, 2, 3]] * (i % 3)} for i in range(12)],
    }
    table = datasets.Dataset.from_dict(rows, features)
    table.to_parquet(str(tmp_path / "train-00000-of-00001.parquet"))
    source = open_source([str(tmp_path)])
    found = [sample for part in source.parts() for sample in source.read(part)]
    assert source.about()["classes"] == ["cat", "dog"]
    assert [s.fields["jpg"] for s in found] == [s.fields["jpg"] for s in samples]
    assert found[5].fields["cls"] == b"1"
    assert found[5].fields["txt"] == b"c5"
    assert json.loads(found[5].fields["json"]) == {"objects": {"bbox": [[0.5, 1, 2, 3]] * 2}}
