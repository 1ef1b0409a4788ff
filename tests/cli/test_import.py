import json
import tarfile

from labels.test_chest_films import nih


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
