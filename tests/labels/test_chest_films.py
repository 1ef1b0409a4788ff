"""NIH ChestX-ray14, CheXpert and MIMIC-CXR-JPG: tables as they are published, images made here."""

import gzip
import json
import os
import shutil
from collections import Counter
from pathlib import Path

import pytest
from labels.made import done, gray, labelled, told

import pixelmill
from pixelmill.errors import JobError
from pixelmill.labels.chexpert import FINDINGS as FOURTEEN
from pixelmill.labels.nih import FINDINGS

DATA = Path(os.environ.get("PIXELMILL_DATA", Path(__file__).parents[3] / "shared" / "data"))
NIH = DATA / "nih"
corpus = pytest.mark.skipif(not NIH.exists(), reason=f"the tables are not at {NIH}")

ENTRIES = """\
Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Gender,View Position,\
OriginalImage[Width,Height],OriginalImagePixelSpacing[x,y]
00000001_000.png,Cardiomegaly,0,1,57,M,PA,2682,2749,0.143,0.143
00000001_001.png,Cardiomegaly|Emphysema,1,1,58,M,PA,2894,2729,0.143,0.143
00000002_000.png,No Finding,0,2,80,M,PA,2500,2048,0.171,0.171
"""
BOXES = """\
Image Index,Finding Label,Bbox [x,y,w,h],,,
00000001_001.png,Infiltrate,225.0,547.5,86.25,79.0
00000001_001.png,Cardiomegaly,1,2,3,4
"""


def nih(folder):
    (folder / "entries.csv").write_text(ENTRIES)
    (folder / "boxes.csv").write_text(BOXES)
    names = ["00000001_000.png", "00000001_001.png", "00000002_000.png"]
    source = gray(folder / "images", names, side=1024)
    labels = {"form": "nih", "table": str(folder / "entries.csv")}
    return source, {**labels, "boxes": str(folder / "boxes.csv")}


def test_nih_reads_findings_patients_and_boxes_through_broken_headers(tmp_path):
    source, labels = nih(tmp_path)
    report, found, manifest = done(source, tmp_path / "out", labels)
    assert report.tally.written == 3
    one = told(found["00000001_001"])
    assert [FINDINGS[n] for n in one["labels"]] == ["Cardiomegaly", "Emphysema"]
    assert one["group"] == "1"
    assert [FINDINGS[n] for n in one["objects"]["category"]] == ["Infiltration", "Cardiomegaly"]
    assert one["objects"]["bbox"] == [[225.0, 547.5, 86.25, 79.0], [1.0, 2.0, 3.0, 4.0]]
    assert (one["width"], one["height"]) == (1024, 1024)
    assert json.loads(one["meta"])["Patient Age"] == "58"
    assert json.loads(one["meta"])["Height"] == "2729"
    assert told(found["00000002_000"])["labels"] == [FINDINGS.index("No Finding")]
    assert "cls" not in found["00000002_000"]
    assert manifest["source"]["classes"] == list(FINDINGS)


def test_boxes_of_nih_are_mended_by_the_common_rules_and_counted(tmp_path):
    source, labels = nih(tmp_path)
    rows = ["Infiltrate,1000,1000,50,10", "Nodul,1,1,2,2", "Mass,nan,1,2,2", "Mass,one,1,2,2"]
    lines = "".join(f"00000001_001.png,{row}\n" for row in rows)
    (tmp_path / "boxes.csv").write_text(BOXES.splitlines()[0] + "\n" + lines)
    entry = ENTRIES.splitlines()[3]
    (tmp_path / "entries.csv").write_text(f"{ENTRIES}{entry}\n")
    report, found, _ = done(source, tmp_path / "out", labels, decode={"color": "keep"})
    assert told(found["00000001_001"])["objects"]["bbox"] == [[1000, 1000, 24, 10]]
    assert report.tally.notes == {
        "box_clipped": 1,
        "unknown_category": 1,
        "annotation_not_finite": 1,
        "annotation_unreadable": 1,
        "row_repeated": 1,
    }


@pytest.mark.parametrize("form", ["nih", "chexpert", "mimic"])
def test_a_custom_list_may_name_files_keys_or_paths(tmp_path, form):
    """CheXNet's lists are files of names, as the official ones."""
    source, labels = nih(tmp_path)
    if form == "chexpert":
        names = [f"train/patient0000{n}/study1/view1_frontal" for n in (1, 2, 3)]
        rows = [",".join(["Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", *FOURTEEN])]
        rows += [chexpert_row(name, [""] * 14) for name in names]
        (tmp_path / "t.csv").write_text("\n".join(rows) + "\n")
        source = gray(tmp_path / "chexpert", [f"{name}.png" for name in names])
        labels = {"form": "chexpert", "table": str(tmp_path / "t.csv")}
    elif form == "mimic":
        names = [f"p10/p10000032/s50414267/{name}" for name in ("aa-11", "bb-22")]
        source = gray(tmp_path / "files", [f"{name}.png" for name in names])
        labels = mimic(tmp_path)
    else:
        names = ["00000001_000", "00000001_001", "00000002_000"]
    (tmp_path / "train.txt").write_text(f"{names[0]}.png\n")
    (tmp_path / "val.txt").write_text("".join(f"{name}\n" for name in names[1:]))
    lists = {side: str(tmp_path / f"{side}.txt") for side in ("train", "val")}
    _, _, manifest = done(source, tmp_path / "out", labels, split={"lists": lists, "leaks": "off"})
    assert manifest["split"]["samples"] == {"train": 1, "val": len(names) - 1}


def test_nih_goes_by_the_official_lists_and_patients_on_both_are_told(tmp_path):
    source, labels = nih(tmp_path)
    (tmp_path / "train_val_list.txt").write_text("00000001_000.png\n00000002_000.png\n")
    (tmp_path / "test_list.txt").write_text("00000001_001.png\n")
    lists = {"train": "train_val_list.txt", "test": "test_list.txt"}
    split = {"lists": {side: str(tmp_path / name) for side, name in lists.items()}}
    split |= {"group": "json.group", "leaks": "fail"}
    report, _, manifest = done(source, tmp_path / "out", labels, split=split)
    assert manifest["split"]["samples"] == {"train": 2, "test": 1}
    assert manifest["split"]["leaks"]["groups"] == {"test": 1, "train": 1}
    assert report.exit_code == 1


@pytest.mark.corpus
@corpus
def test_the_real_nih_tables_label_the_real_images(tmp_path):
    shutil.copytree(NIH / "images", tmp_path / "images", copy_function=shutil.copy)
    labels = {"form": "nih", "table": str(NIH / "Data_Entry_2017_v2020.csv.gz")}
    labels["boxes"] = str(NIH / "BBox_List_2017.csv.gz")
    report, found, manifest = done(str(tmp_path / "images"), tmp_path / "out", labels)
    assert report.tally.written == 2
    assert [FINDINGS[n] for n in told(found["00000001_000"])["labels"]] == ["Cardiomegaly"]
    assert told(found["00027426_000"])["group"] == "27426"
    said = manifest["labels"]
    assert said["rows"] == [112_120, 984]
    assert said["rows_without_image"] == 112_118


@pytest.mark.corpus
@pytest.mark.slow
@corpus
def test_every_row_of_the_real_nih_tables_is_told(tmp_path):
    from pixelmill.labels import join_of, prepare

    labels = {"form": "nih", "table": str(NIH / "Data_Entry_2017_v2020.csv.gz")}
    labels["boxes"] = str(NIH / "BBox_List_2017.csv.gz")
    job = labelled("unused", tmp_path, labels)
    assert prepare(job)["rows"] == [112_120, 984]
    findings, patients, boxes = Counter(), set(), 0
    for sample in join_of(job).of_rows():
        one = told(sample.fields)
        findings.update(FINDINGS[n] for n in one["labels"])
        patients.add(one["group"])
        boxes += len(one["objects"]["bbox"])
    assert findings["No Finding"] == 60_361
    assert findings["Infiltration"] == 19_894
    assert findings["Hernia"] == 227
    assert (len(findings), len(patients), boxes) == (15, 30_805, 984)


@pytest.mark.corpus
@corpus
def test_the_relabelling_of_four_radiologists_has_more_columns_and_is_read(tmp_path):
    source = gray(tmp_path / "images", ["00000013_026.png"])
    table = str(NIH / "google2019_nih-chest-xray-labels.csv.gz")
    _, found, manifest = done(source, tmp_path / "out", {"form": "nih", "table": table})
    assert told(found["00000013_026"])["group"] == "13"
    assert manifest["labels"]["rows"] == [4_376]


def chexpert_row(path, states):
    return ",".join([f"CheXpert-v1.0-small/{path}.jpg", "Female", "68", "Frontal", "AP", *states])


def test_chexpert_keeps_four_states_apart_and_finds_its_images_from_any_folder(tmp_path):
    states = ["1.0", "0.0", "-1.0", "", *[""] * 10]
    paths = ["train/patient00001/study1/view1_frontal", "valid/patient64541/study1/view1_frontal"]
    head = ",".join(["Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", *FOURTEEN])
    rows = [head, chexpert_row(paths[0], states), chexpert_row(paths[1], states[::-1])]
    (tmp_path / "train.csv").write_text("\n".join(rows) + "\n")
    labels = {"form": "chexpert", "table": str(tmp_path / "train.csv")}
    for root in ("", "train/"):
        names = [f"{path}.png".removeprefix(root) for path in paths if path.startswith(root)]
        folder = gray(tmp_path / f"in-{bool(root)}" / "data", names)
        report, found, manifest = done(folder, tmp_path / f"out-{bool(root)}", labels)
        assert report.tally.written == len(names)
        one = told(found[paths[0].removeprefix(root)])
        assert one["label_state"] == [1, 0, -1, -2, *[-2] * 10]
        assert one["labels"] == list(range(14))
        assert one["group"] == "patient00001"
        assert json.loads(one["meta"])["Age"] == "68"
    assert manifest["labels"]["rows_without_image"] == 1


STATES = ["1.0", *[""] * 11, "-1.0", ""]


def mimic(folder):
    tables = {
        "metadata": "dicom_id,subject_id,study_id,ViewPosition,Rows,Columns,StudyDate\n"
        "aa-11,10000032,50414267,PA,3056,2544,21800506\n"
        "bb-22,10000032,50414267,LATERAL,3056,2544,21800506\n"
        "cc-33,10000764,57375967,AP,2500,2048,21801015\n",
        "table": ",".join(["subject_id", "study_id", *FOURTEEN])
        + f"\n10000032,50414267,{','.join(STATES)}\n",
        "sides": "dicom_id,study_id,subject_id,split\naa-11,50414267,10000032,train\n",
    }
    for name, text in tables.items():
        (folder / f"{name}.csv.gz").write_bytes(gzip.compress(text.encode()))
    return {"form": "mimic", **{name: str(folder / f"{name}.csv.gz") for name in tables}}


def test_mimic_gives_each_image_the_labels_of_its_study(tmp_path):
    names = ["p10/p10000032/s50414267/aa-11.png", "p10/p10000032/s50414267/bb-22.png"]
    source = gray(tmp_path / "files", [*names, "p10/p10000764/s57375967/cc-33.png"])
    report, found, _ = done(source, tmp_path / "out", mimic(tmp_path))
    assert report.tally.quarantined == {"no_study": 1}
    first, second = (told(found[name.removesuffix(".png")]) for name in names)
    assert first["label_state"] == second["label_state"] == [1, *[-2] * 11, -1, -2]
    assert first["group"] == second["group"] == "10000032"
    assert (first["split"], second["split"]) == ("train", "")
    assert json.loads(second["meta"])["ViewPosition"] == "LATERAL"


def test_mimic_without_its_table_of_images_is_refused(tmp_path):
    labels = mimic(tmp_path)
    del labels["metadata"]
    source = gray(tmp_path / "files", ["a.png"])
    with pytest.raises(JobError, match=r"source\.labels\.metadata: is required and missing"):
        pixelmill.run(labelled(source, tmp_path / "out", labels))


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ({"form": "nhi"}, r"source.labels: form: expected one of table, nih, .*got 'nhi'"),
        ({"form": "nih", "table": "t", "boxs": "b"}, r"labels.boxs: unknown option; did you mean"),
        (
            {"form": "nih", "table": "t", "sides": "b"},
            r"sides: unknown option \(known: boxes, form",
        ),
        ({"table": "t", "columns": {"label": "a"}}, r"source.labels: name the column with"),
    ],
)
def test_a_word_that_a_form_does_not_have_is_told_with_those_that_it_has(labels, told, tmp_path):
    with pytest.raises(JobError, match=told):
        pixelmill.Job(source={"urls": "images/", "labels": labels}, output=str(tmp_path / "out"))
