import datetime
import decimal
import json
import pickle

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pixelmill import storage
from pixelmill.errors import InputMissing, JobError, ShardError
from pixelmill.sample import Failure, Sample
from pixelmill.sources import open_source

IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


@pytest.fixture
def parquet(tmp_path):
    """Write a table; columns are arrays or lists, `features` the Hugging Face metadata."""

    def write(name, columns, features=None, **options):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        table = pa.table(columns)
        if features:
            info = json.dumps({"info": {"features": features}})
            table = table.replace_schema_metadata({"huggingface": info})
        pq.write_table(table, path, **options)
        return str(path)

    return write


@pytest.fixture
def images(jpeg):
    def column(*paths):
        rows = [{"bytes": jpeg(i), "path": path} for i, path in enumerate(paths)]
        return pa.array(rows, IMAGE)

    return column


def source_of(*urls, **options):
    return open_source(urls, "parquet", **options)


def read(source):
    return [sample for part in source.parts() for sample in source.read(part)]


def test_hugging_face_columns_become_the_fields_that_webdataset_has(parquet, images, jpeg):
    path = parquet(
        "data/train-00000.parquet",
        {"image": images("x.png", None), "label": pa.array([1, 0]), "text": ["one", "zwei ü"]},
        {"image": {"_type": "Image"}, "label": {"_type": "ClassLabel", "names": ["cat", "dog"]}},
    )
    source = source_of(path)
    first, second = read(source)
    # The extension is the content's, whatever the path says.
    assert first.fields == {"jpg": jpeg(0), "cls": b"1", "txt": b"one"}
    assert second.fields == {"jpg": jpeg(1), "cls": b"0", "txt": "zwei ü".encode()}
    assert list(first.fields) == ["cls", "jpg", "txt"]
    assert (first.key, second.key) == ("train-00000-000000000", "train-00000-000000001")
    assert first.image_field == "jpg"
    assert source.about() == {"kind": "parquet", "classes": ["cat", "dog"]}


def test_a_plain_binary_column_is_found_by_type_and_name(parquet, jpeg):
    [alone] = read(source_of(parquet("a.parquet", {"data": [jpeg()], "n": [3]})))
    assert alone.fields == {"jpg": jpeg(), "json": b'{"n": 3}'}
    [named] = read(source_of(parquet("b.parquet", {"mask": [jpeg(1)], "image": [jpeg(2)]})))
    assert named.fields == {"jpg": jpeg(2), "mask.jpg": jpeg(1)}
    chosen = source_of(parquet("c.parquet", {"a": [jpeg(1)], "b": [jpeg(2)]}), image="b")
    assert read(chosen)[0].fields == {"jpg": jpeg(2), "a.jpg": jpeg(1)}


def test_two_images_of_one_kind_do_not_take_each_other_s_name(parquet, images):
    path = parquet(
        "a.parquet",
        {"image": images("x"), "mask": images("y")},
        {"mask": {"_type": "Image"}, "image": {"_type": "Image"}},
    )
    [sample] = read(source_of(path))
    assert set(sample.fields) == {"jpg", "mask.jpg"}


def test_every_other_column_goes_into_one_json_object_with_its_type(parquet, images):
    path = parquet(
        "a.parquet",
        {
            "image": images("x"),
            "n": [1],
            "f": [float("nan")],
            "b": [True],
            "none": pa.array([None], pa.int32()),
            "box": [[1.5, 2.0]],
            "struct": [{"a": "é", "raw": b"\x00"}],
            "map": pa.array([[("k", 1)]], pa.map_(pa.string(), pa.int64())),
            "time": [datetime.datetime(2024, 1, 2, 3, 4, 5)],
            "money": [decimal.Decimal("1.10")],
        },
    )
    [sample] = read(source_of(path))
    assert json.loads(sample.fields["json"]) == {
        "n": 1, "f": None, "b": True, "none": None, "box": [1.5, 2.0],
        "struct": {"a": "é", "raw": "AA=="}, "map": {"k": 1},
        "time": "2024-01-02T03:04:05", "money": "1.10",
    }  # fmt: skip


def test_a_json_column_passes_through_untouched(parquet, images):
    text = '{"b":1,  "a":[]}'
    [alone] = read(source_of(parquet("a.parquet", {"image": images("x"), "json": [text]})))
    assert alone.fields["json"] == text.encode()
    [more] = read(source_of(parquet("b.parquet", {"image": images("x"), "json": [text], "n": [1]})))
    assert more.fields["json"] == text.encode()
    assert more.fields["columns.json"] == b'{"n": 1}'


def test_keys_come_from_their_column_made_safe(parquet, images):
    columns = {"image": images("x", "y", "z"), "id": ["d.v/a.b", None, "d.v/a.b"]}
    keys = [(type(s), s.key) for s in read(source_of(parquet("t.parquet", columns), key="id"))]
    assert keys == [
        (Sample, "d.v/a_b"),
        (Sample, "t-000000001"),
        (Failure, "d.v/a_b_2"),  # two samples with one key in a row would be one in a tar
    ]
    named = {"__key__": ["k"], "image": images("x")}
    assert read(source_of(parquet("u.parquet", named)))[0].key == "k"


def test_row_numbers_tell_files_of_one_name_apart(parquet, images, tmp_path):
    for folder in ("en", "fr"):
        parquet(f"{folder}/train.v1.parquet", {"image": images("x")})
    source = source_of(str(tmp_path))
    assert [s.key for s in read(source)] == ["en/train_v1-000000000", "fr/train_v1-000000000"]


def test_row_groups_make_parts_that_read_alike(parquet, images):
    path = parquet("a.parquet", {"image": images(*"abcdefg")}, row_group_size=2)
    source = source_of(path, batch=3)
    parts = source.parts()
    assert [(p.start, p.stop) for p in parts] == [(0, 2), (2, 4)]
    assert all(0 < p.size < storage.stat(path).size for p in parts)
    worker = pickle.loads(pickle.dumps(source_of(path, batch=3)))
    cut = [s for part in parts for s in worker.read(part)]
    assert cut == read(source_of(path))
    assert [s.key for s in cut] == [f"a-{i:09d}" for i in range(7)]


def test_a_null_image_fails_with_its_fields(parquet, jpeg):
    column = pa.array(
        [None, {"bytes": None, "path": "gone.jpg"}, {"bytes": jpeg(), "path": None}], IMAGE
    )
    first, second, third = read(
        source_of(parquet("a.parquet", {"image": column, "label": [1, 2, 3]}))
    )
    assert (first.reason, first.fields) == ("no_image", {"cls": b"1"})
    assert second.reason == "no_image"
    assert "gone.jpg" in second.message
    assert isinstance(third, Sample)


def test_a_path_beside_the_file_is_read_and_none_elsewhere(parquet, jpeg, tmp_path):
    (tmp_path / "secret.jpg").write_bytes(jpeg(1))
    (tmp_path / "data").mkdir()
    (tmp_path / "data/here.jpg").write_bytes(jpeg(2))
    paths = ["here.jpg", "../secret.jpg", str(tmp_path / "secret.jpg"), "."]
    column = pa.array([{"bytes": None, "path": path} for path in paths], IMAGE)
    first, *others = read(source_of(parquet("data/a.parquet", {"image": column})))
    assert first.fields == {"jpg": jpeg(2)}
    assert [other.reason for other in others] == ["no_image"] * 3


def test_unclear_columns_are_told_before_anything_runs(parquet, images, jpeg):
    two = parquet("a.parquet", {"a": [jpeg()], "b": [jpeg()]})
    with pytest.raises(JobError, match=r"no column holds images \(columns: a: binary, b: binary\)"):
        source_of(two).parts()
    with pytest.raises(JobError, match=r"no column 'id'.*source\.key"):
        source_of(parquet("b.parquet", {"image": images("x")}), key="id").parts()


def test_a_damaged_row_group_loses_no_other(parquet, images, tmp_path):
    columns = {"image": images(*"abcdef")}
    path = parquet("a.parquet", columns, row_group_size=2, write_page_checksum=True,
                   compression="none", use_dictionary=False)  # fmt: skip
    group = pq.read_metadata(path).row_group(1).column(0)
    data = bytearray((tmp_path / "a.parquet").read_bytes())
    data[group.data_page_offset + group.total_compressed_size - 20] ^= 0xFF
    (tmp_path / "a.parquet").write_bytes(data)
    samples, keys = source_of(path).read(source_of(path).parts()[0]), []
    with pytest.raises(ShardError, match=r"a\.parquet is damaged.*row group 1, 2 rows"):
        keys.extend(sample.key for sample in samples)
    assert keys == [f"a-{i:09d}" for i in (0, 1, 4, 5)]


@pytest.mark.parametrize("data", [b"", b"not parquet at all", None])
def test_a_file_that_is_no_parquet_stops_its_own_part_only(parquet, images, tmp_path, data):
    good = parquet("a.parquet", {"image": images(*"ab")})
    whole = (tmp_path / "a.parquet").read_bytes()
    (tmp_path / "b.parquet").write_bytes(whole[: len(whole) // 2] if data is None else data)
    source = source_of(good, str(tmp_path / "b.parquet"))
    first, second = source.parts()
    assert len(list(source.read(first))) == 2
    with pytest.raises(ShardError, match=r"b\.parquet is no Parquet file or is cut short"):
        list(source.read(second))


def test_missing_and_empty_inputs_say_so(tmp_path, parquet, images):
    with pytest.raises(InputMissing, match="nowhere"):
        source_of(str(tmp_path / "nowhere.parquet")).parts()
    with pytest.raises(InputMissing, match="no Parquet files"):
        source_of(str(tmp_path)).parts()
    empty = parquet("a.parquet", {"image": images()})
    assert read(source_of(empty)) == []


def test_a_bucket_is_read_in_ranges(parquet, images, tmp_path):
    path = parquet("a.parquet", {"image": images(*"abc")})
    storage.write("memory://parquet-test/a.parquet", (tmp_path / "a.parquet").read_bytes())
    assert [s.fields for s in read(source_of("memory://parquet-test"))] == [
        s.fields for s in read(source_of(path))
    ]


def test_large_rows_come_in_small_batches(parquet, monkeypatch):
    from pixelmill.sources import parquet as module

    monkeypatch.setattr(module, "BATCH_BYTES", 1000)
    path = parquet("a.parquet", {"image": [bytes([i]) * 400 for i in range(20)]},
                   use_dictionary=False, compression="none")  # fmt: skip
    file = module.open_parquet(storage.stat(path))
    sizes = [batch.num_rows for _, batch in module._batches(file, [0])]
    assert sum(sizes) == 20
    assert max(sizes) <= 2


def test_a_file_named_twice_is_refused(parquet, images, tmp_path):
    path = parquet("a.parquet", {"image": images("x")})
    with pytest.raises(JobError, match=r"a\.parquet is named twice"):
        source_of(str(tmp_path), path).parts()
