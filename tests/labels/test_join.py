import gzip
import json
import random

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from exchange.exchanged import write_tar
from labels.made import done, images, labelled, told
from splits.made import png, smooth

import pixelmill
from pixelmill.errors import JobError, OutputInUse
from pixelmill.labels.record import record
from pixelmill.retry import retry
from pixelmill.verify import verify

HEAD = "file,kind,who,note\n"


def table(folder, rows, head=HEAD):
    path = folder / "t.csv"
    path.write_text(head + "".join(f"{','.join(row)}\n" for row in rows))
    return str(path)


COLUMNS = {"label": "kind", "group": "who", "meta": ["note"]}


def types(value):
    if isinstance(value, dict):
        return {name: types(inner) for name, inner in value.items()}
    return type(value).__name__


def test_a_folder_gets_its_classes_groups_and_notes_from_a_table(tmp_path, rng):
    source = images(tmp_path / "in", [f"x/{n}.png" for n in range(6)], rng)
    kinds = ["cat", "dog", "ant"] * 2
    rows = [(f"{n}.png", kinds[n], f"p{n % 2}", f"n{n}") for n in range(6)]
    labels = {"table": table(tmp_path, rows), "key": "file", "columns": COLUMNS}
    report, found, manifest = done(source, tmp_path / "out", labels)
    assert report.exit_code == 0
    assert manifest["source"]["classes"] == ["ant", "cat", "dog"]
    for n in range(6):
        fields = found[f"x/{n}"]
        number = ["ant", "cat", "dog"].index(kinds[n])
        assert fields["cls"] == b"%d" % number
        assert told(fields)["labels"] == [number]
        assert told(fields)["label_state"] == [1]
        assert told(fields)["group"] == f"p{n % 2}"
        assert json.loads(told(fields)["meta"]) == {"note": f"n{n}"}
        assert types(told(fields)) == types(record("", ""))
    assert manifest["labels"]["images"] == manifest["labels"]["rows"][0] == 6
    assert verify(str(tmp_path / "out")).problems == []


def test_images_without_row_and_rows_without_image_are_counted_with_examples(tmp_path, rng):
    source = images(tmp_path / "in", ["a.png", "b.png", "c.png"], rng)
    rows = [("a.png", "x", "", ""), ("gone.png", "x", "", ""), ("lost.png", "y", "", "")]
    labels = {"table": table(tmp_path, rows), "key": "file", "columns": COLUMNS}
    report, found, manifest = done(source, tmp_path / "out", labels)
    assert found.keys() == {"a"}
    assert report.tally.quarantined == {"no_row": 2}
    said = manifest["labels"]
    assert (said["images"], said["images_without_row"], said["rows_without_image"]) == (3, 2, 2)
    assert said["examples"]["images_without_row"] == ["b", "c"]
    assert sorted(said["examples"]["rows_without_image"]) == ["gone", "lost"]
    again = retry(str(tmp_path / "out"))
    assert again.tally.quarantined == {"no_row": 2}
    report, found, manifest = done(source, tmp_path / "kept", {**labels, "without_row": "keep"})
    assert found.keys() == {"a", "b", "c"}
    assert told(found["b"])["labels"] == []
    assert manifest["labels"]["images_without_row"] == 2


def test_rows_with_too_few_values_are_left_out_and_counted(tmp_path, rng):
    source = images(tmp_path / "in", ["a.png", "b.png"], rng)
    rows = [("a.png", "x", "p", ""), ("b.png", "y"), ("b.png", "y", "q", "n", "more")]
    labels = {"table": table(tmp_path, rows), "key": "file", "columns": COLUMNS}
    report, _, manifest = done(source, tmp_path / "out", labels)
    assert report.tally.quarantined == {"no_row": 1}
    assert manifest["labels"]["ragged_rows"] == 2
    assert manifest["labels"]["examples"]["ragged_rows"][0].endswith("t.csv: b.png,y")


def test_tars_and_parquet_tables_join_and_gzip_too(tmp_path, rng):
    samples = [(f"s{n:02d}", {"png": png(smooth(rng)), "txt": b"kept"}) for n in range(9)]
    tars = [write_tar(tmp_path / f"{at}.tar", samples[at::2]) for at in range(2)]
    columns = {"file": [f"s{n:02d}.jpg" for n in range(9)], "kind": [n % 2 for n in range(9)]}
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    lines = ["file,kind", *(f"s{n:02d},{n % 2}" for n in range(9))]
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    found = []
    for name in ("t.parquet", "t.csv.gz"):
        labels = {"table": str(tmp_path / name), "key": "file", "columns": {"label": "kind"}}
        report, fields, _ = done(tars, tmp_path / f"out-{name}", labels)
        assert report.tally.written == 9
        assert fields["s03"]["txt"] == b"kept"
        found.append({key: (one["cls"], one["json"]) for key, one in fields.items()})
    assert found[0] == found[1]
    assert found[0]["s03"][0] == b"1"


def test_several_labels_apart_by_a_sign_and_states_in_columns(tmp_path, rng):
    source = images(tmp_path / "in", ["a.png", "b.png"], rng)
    labels = {"table": table(tmp_path, [("a.png", "x|y", "", ""), ("b.png", "", "", "")])}
    labels |= {"key": "file", "columns": {"labels": "kind"}}
    _, found, _ = done(source, tmp_path / "out", labels)
    assert [told(found[key])["labels"] for key in "ab"] == [[0, 1], []]
    assert "cls" not in found["a"]
    head, rows = "file,p,q,r,s\n", [("a.png", "1.0", "0.0", "-1.0", ""), ("b.png", *"0?11")]
    labels = {"table": table(tmp_path, rows, head), "key": "file"}
    labels["columns"] = {"states": ["p", "q", "r", "s"]}
    report, found, manifest = done(source, tmp_path / "states", labels)
    assert told(found["a"])["label_state"] == [1, 0, -1, -2]
    assert report.tally.quarantined == {"unknown_state": 1}
    assert manifest["source"]["classes"] == ["p", "q", "r", "s"]


@pytest.mark.parametrize(
    ("rows", "reason"),
    [
        ([("a.png", "x", "p", ""), ("a.png", "y", "p", "")], "no_single_label"),
        ([("a.png", "x", "p", ""), ("a.png", "x", "q", "")], "rows_disagree"),
        ([("a.png", "", "p", "")], "no_single_label"),
        ([("a.png", "z", "p", "")], "unknown_label"),
    ],
)
def test_rows_that_make_no_sense_are_counted_by_reason(tmp_path, rng, rows, reason):
    source = images(tmp_path / "in", ["a.png"], rng)
    labels = {"table": table(tmp_path, rows), "key": "file", "columns": COLUMNS}
    report, _, _ = done(source, tmp_path / "out", {**labels, "classes": ["x", "y"]})
    assert report.tally.quarantined == {reason: 1}


def test_a_column_that_is_not_there_stops_the_job_before_it_runs(tmp_path, rng):
    source = images(tmp_path / "in", ["a.png"], rng)
    labels = {"table": table(tmp_path, []), "key": "file", "columns": {"label": "knd"}}
    with pytest.raises(JobError, match=r"has no column 'knd'; did you mean 'kind'\?"):
        pixelmill.run(labelled(source, tmp_path / "out", labels))
    with pytest.raises(JobError, match="name the column with the images' names"):
        labelled(source, tmp_path / "out", {"table": "t.csv"})


def test_a_table_that_was_changed_is_refused_and_the_same_one_goes_on(tmp_path, rng):
    source = images(tmp_path / "in", ["a.png"], rng)
    labels = {"table": table(tmp_path, [("a.png", "x", "p", "")]), "key": "file"}
    job = labelled(source, tmp_path / "out", {**labels, "columns": COLUMNS})
    pixelmill.run(job)
    (tmp_path / "out/ledger/000000.json").unlink()
    assert pixelmill.run(job).complete
    table(tmp_path, [("a.png", "yy", "p", "")])
    with pytest.raises(OutputInUse, match="tables of its labels were changed"):
        pixelmill.run(job)


def test_workers_partitions_and_the_order_of_rows_have_no_say(tmp_path, rng, monkeypatch):
    names = [f"{n:03d}.png" for n in range(40)]
    source = images(tmp_path / "in", names, rng)
    rows = [(name, f"k{n % 3}", f"p{n % 5}", "") for n, name in enumerate(names)]
    found = []
    for workers, size in ((1, 1 << 30), (3, 64)):
        monkeypatch.setattr("pixelmill.labels.index.PARTITION_BYTES", size)
        random.Random(workers).shuffle(rows)
        labels = {"table": table(tmp_path, rows), "key": "file", "columns": COLUMNS}
        urls = {"urls": source, "batch": 7}
        found.append(done(urls, tmp_path / f"{workers}", labels, workers=workers)[1])
    assert found[0] == found[1]
    assert len(found[0]) == 40


def test_a_split_goes_by_the_groups_and_classes_of_the_table(tmp_path, rng):
    names = [f"{n:03d}.png" for n in range(60)]
    source = images(tmp_path / "in", names, rng)
    rows = [(name, f"k{n % 20 % 3}", f"p{n % 20}", "") for n, name in enumerate(names)]
    labels = {"table": table(tmp_path, rows), "key": "file", "columns": COLUMNS}
    split = {"fractions": {"train": 0.5, "test": 0.5}, "group": "json.group", "leaks": "fail"}
    split["stratify"] = "json.labels"
    report, found, manifest = done(source, tmp_path / "out", labels, split=split)
    assert report.exit_code == 0, report.leaks
    assert manifest["split"]["samples"] == {"train": 30, "test": 30}
    assert len(found) == 60
