import json
import tarfile

import pytest
from labels.test_chest_films import nih
from labels.test_imagenet import boxes_at, devkit, train_tar, val_tar


def test_nih_is_imported_byte_for_byte_and_split_by_its_lists(pixelmill, tmp_path):
    source, labels = nih(tmp_path)
    for side, lines in (
        ("train", "00000001_000.png\n00000001_001.png\n"),
        ("test", "00000002_000"),
    ):
        (tmp_path / f"{side}.txt").write_text(lines)
    out = tmp_path / "out"
    lists = [f"--list={side}={tmp_path / side}.txt" for side in ("train", "test")]
    tables = ("--table", labels["table"], "--boxes", labels["boxes"])
    said = pixelmill("import", "nih", source, out, *tables, *lists, "--leaks", "fail", "--json")
    assert said.code == 0, said.all
    assert json.loads(said.out)["tally"]["outputs"] == {"test": 1, "train": 2}
    with tarfile.open(out / "test-000000.tar") as tar:
        data = tar.extractfile("00000002_000.png").read()
    assert data == (tmp_path / "images/00000002_000.png").read_bytes()
    assert "Cardiomegaly" in (out / "README.md").read_text()


def test_a_split_by_patient_is_a_word_of_the_command(pixelmill, tmp_path):
    source, labels = nih(tmp_path)
    words = ("--table", labels["table"], "--fractions", "train=0.5,test=0.5")
    said = pixelmill("import", "nih", source, tmp_path / "out", *words, "--json")
    assert said.code == 0
    assert json.loads(said.out)["leaks"] == [] or "groups" not in said.out


def test_what_is_lacking_is_told(pixelmill, tmp_path):
    source, labels = nih(tmp_path)
    said = pixelmill("import", "nih", source, tmp_path / "o", "--table", tmp_path / "none.csv")
    assert said.code in (1, 2)
    assert "none.csv" in said.err
    assert not (tmp_path / "o").exists()
    said = pixelmill("import", "nhi", source, tmp_path / "o", "--table", labels["table"])
    assert said.code == 2


def test_imagenet_is_imported_from_its_tar_of_tars(pixelmill, tmp_path):
    words = ("--devkit", devkit(tmp_path, (1,)), "--boxes", boxes_at(tmp_path, "tar"))
    said = pixelmill("import", "imagenet", train_tar(tmp_path), tmp_path / "out", *words, "--json")
    assert said.code == 0, said.all
    assert json.loads(said.out)["tally"]["written"] == 6
    with tarfile.open(tmp_path / "out/train-000000.tar") as tar:
        fields = [name.partition(".")[2] for name in tar.getnames()[:3]]
    assert fields == ["jpeg", "json", "cls"]


def test_imagenet_without_a_devkit_has_the_classes_of_its_folders(pixelmill, tmp_path):
    said = pixelmill("import", "imagenet", train_tar(tmp_path), tmp_path / "out", "--json")
    assert said.code == 0, said.all
    card = (tmp_path / "out/README.md").read_text()
    assert "n01440764" in card
    val = val_tar(tmp_path)
    said = pixelmill("import", "imagenet", val, tmp_path / "val")
    assert said.code == 2
    assert "give --devkit or --synsets" in said.err


def test_dicom_is_imported_without_its_patients(pixelmill, tmp_path):
    pytest.importorskip("pydicom")
    from labels.test_dicom import films_at

    words = ("--window", "2000,1000", "--bits", "8", "--keep-tags", "PatientSex")
    said = pixelmill("import", "dicom", films_at(tmp_path), tmp_path / "out", *words, "--json")
    assert said.code == 0, said.all
    assert json.loads(said.out)["tally"]["written"] == 4
    assert "Patient identity is left out" in said.err
    with tarfile.open(tmp_path / "out/train-000000.tar") as tar:
        names = tar.getnames()
        record = json.load(tar.extractfile("left/1.json"))
    assert "left/1.png" in names
    assert json.loads(record["meta"])["PatientSex"] == "F"
