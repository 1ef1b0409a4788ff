import json

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pixelmill.outputs import open_output, parquet
from pixelmill.sample import Failure, Sample
from pixelmill.sources import open_source


def back(folder):
    source = open_source([str(folder)], "parquet")
    return [sample for part in source.parts() for sample in source.read(part)]


def test_columns_hold_what_their_names_say(write, tmp_path):
    fields = {"cls": b"7", "png": b"i", "json": b'{"a":1}', "txt": "ü".encode(), "raw": b"\xff"}
    write([Sample("d/k", fields, "w", "png")], "parquet")
    [row] = pq.read_table(tmp_path / "out/train-000000.parquet").to_pylist()
    assert row == {
        "__key__": "d/k", "image": {"bytes": b"i", "path": "d/k.png"}, "label": 7, "text": "ü",
        "json": '{"a":1}', "other": [{"name": "raw", "data": b"\xff"}],
    }  # fmt: skip


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"cls": b"7"},
        {"cls": b"-1"},
        {"cls": b"007\n"},
        {"cls": b"cat"},
        {"cls": b"9" * 30},
        {"cls": b""},
        {"txt": b"\xff"},
        {"json": b"not json"},
        {"json": b"\x80"},
        {"txt": b""},
        {"seg.png": b"mask", "left.jpg": b"other"},
        {"other": b"a", "label": b"b", "__key__": b"c", "columns.json": b"{}"},
    ],
    ids=str,
)
@pytest.mark.parametrize("image", ["jpg", "jpeg", "img.png", "npy"])
def test_every_sample_comes_back_exactly(write, tmp_path, fields, image):
    sample = Sample("a.b/k", {**fields, image: b"pixels"}, "w", image)
    write([sample, Sample("l", {image: b"2"}, "w", image)], "parquet")
    first, _ = back(tmp_path / "out")
    assert (first.key, first.fields, first.image_field) == ("a.b/k", sample.fields, image)
    # Sorted, as webdataset writes members.
    assert list(first.fields) == sorted(sample.fields)


NAMES = st.text("abc.jsontxcl", min_size=1, max_size=6).filter(lambda n: n.strip(".") == n)
FIELDS = st.dictionaries(NAMES, st.one_of(st.binary(max_size=5), st.just(b"12")), max_size=4)


@settings(
    max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)
@given(rows=st.lists(FIELDS, min_size=1, max_size=4))
def test_any_fields_come_back(tmp_path_factory, write, rows):
    folder = tmp_path_factory.mktemp("any")
    samples = [Sample(f"k{i}", {**row, "jpg": b"i"}, "w", "jpg") for i, row in enumerate(rows)]
    write(samples, "parquet", folder)
    assert [s.fields for s in back(folder)] == [s.fields for s in samples]


def test_a_sample_without_an_image_keeps_its_fields(tmp_path):
    output = open_output("parquet", str(tmp_path), "train", str)
    output.add(Sample("k", {"txt": b"t", "raw": b"r"}, "w"), None, "")
    output.close()
    [sample] = back(tmp_path)
    assert isinstance(sample, Failure)
    assert (sample.reason, sample.fields) == ("no_image", {"raw": b"r", "txt": b"t"})


def test_a_number_in_text_is_a_label_and_keeps_its_spelling(write, tmp_path):
    write([Sample("k", {"cls": b" 7\n", "jpg": b"i"}, "w", "jpg")], "parquet")
    [row] = pq.read_table(tmp_path / "out/train-000000.parquet").to_pylist()
    assert row["label"] == 7
    assert row["other"] == [{"name": "cls", "data": b" 7\n"}]


def test_the_types_do_not_depend_on_the_samples(write, sample, tmp_path):
    schemas = []
    for name, samples in {
        "none": [],
        "bare": [Sample("k", {"jpg": b"i"}, "w", "jpg")],
        "full": [sample(1, json=b"{}", txt=b"t", raw=b"r")],
    }.items():
        [record] = write(samples, "parquet", tmp_path / name)
        schemas.append(pq.read_schema(tmp_path / name / record.name))
    assert schemas[0].equals(schemas[1], check_metadata=True)
    assert schemas[1].equals(schemas[2], check_metadata=True)


def test_row_groups_stay_small(write, sample, tmp_path, monkeypatch):
    monkeypatch.setattr(parquet, "ROW_GROUP_BYTES", 10_000)
    write([sample(i, 3000) for i in range(10)], "parquet")
    meta = pq.read_metadata(tmp_path / "out/train-000000.parquet")
    assert [meta.row_group(i).num_rows for i in range(meta.num_row_groups)] == [3, 3, 3, 1]
    assert [s.key for s in back(tmp_path / "out")] == [f"k/{i:06d}" for i in range(10)]


def test_arrays_are_not_called_images(write, tmp_path):
    write([Sample("k", {"npy": b"n"}, "w", "npy")], "parquet")
    schema = pq.read_schema(tmp_path / "out/train-000000.parquet")
    feature = json.loads(schema.metadata[b"huggingface"])["info"]["features"]["image"]
    assert set(feature) == {"bytes", "path"}


def test_a_flipped_bit_is_noticed(write, sample, tmp_path):
    [record] = write([sample(i, 5000) for i in range(3)], "parquet")
    path = tmp_path / "out" / record.name
    data = bytearray(path.read_bytes())
    data[8000] ^= 1
    path.write_bytes(data)
    with pytest.raises(ValueError, match="damaged"):
        back(tmp_path / "out")


def test_a_tar_with_sorted_members_survives_parquet_byte_for_byte(write, sample, tmp_path):
    samples = [sample(i, json=b"{ }", **{"seg.png": b"m"}) for i in range(5)]
    [before] = write(samples, folder=tmp_path / "before")
    write(samples, "parquet", tmp_path / "parquet")
    [after] = write(back(tmp_path / "parquet"), folder=tmp_path / "after")
    assert after.sha256 == before.sha256
