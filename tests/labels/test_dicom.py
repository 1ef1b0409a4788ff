"""DICOM as a source: patients are left out, groups are hashes, and a split goes by them."""

import hashlib
import hmac
import json
import os
import tarfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from labels.made import done, labelled, told
from PIL import Image

pytest.importorskip("pydicom")
from labels.dicoms import dataset, ramp, written
from sources.test_nested import packed

import pixelmill
from pixelmill.errors import JobError, MissingPackage

DATA = Path(os.environ.get("PIXELMILL_DATA", Path(__file__).parents[3] / "shared" / "data"))
FILMS = DATA / "dicom"
films = pytest.mark.skipif(not FILMS.is_dir(), reason=f"the DICOM files are not at {FILMS}")

LABELS = {"form": "dicom"}
KEEP = {"decode": {"color": "keep"}}
IDENTITY = (b"Doe", b"Jane", b"12345", b"19700101", b"Some Hospital", b"20200102")


def films_at(folder, patients=("12345", "12345", "678", "")):
    for number, patient in enumerate(patients):
        made = dataset(ramp(top=4000 - number), stored=12, PixelSpacing=[0.5, 0.25])
        made.PatientID, made.PatientSex = patient, "F"
        path = folder / "films" / ("left" if number % 2 else "right") / f"{number}.dcm"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(written(made))
    return str(folder / "films")


def test_sixteen_bits_are_written_as_png_and_no_patient_is_in_any_file(tmp_path):
    report, found, manifest = done(films_at(tmp_path), tmp_path / "out", LABELS, **KEEP)
    assert report.tally.written == 4
    for path in (tmp_path / "out").rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            assert not [word for word in IDENTITY if word in data], path
    one = found["right/0"]
    assert set(one) == {"png", "json", "cls"}
    got = np.asarray(Image.open(BytesIO(one["png"])))
    np.testing.assert_array_equal(got, ramp(top=4000))
    meta = json.loads(told(one)["meta"])
    assert (meta["Modality"], meta["BitsStored"], meta["PixelSpacing"]) == ("DX", 12, [0.5, 0.25])
    assert not [name for name in meta if name.startswith(("Patient", "Study", "Institution"))]
    assert (told(one)["width"], told(one)["height"]) == (64, 48)
    assert "Patient identity is left out" in (tmp_path / "out/README.md").read_text()
    assert manifest["source"]["classes"] == ["left", "right"]
    assert told(one)["labels"] == [1]


def test_the_group_is_the_same_hash_for_one_patient_and_none_for_an_unknown_one(tmp_path):
    report, found, _ = done(films_at(tmp_path), tmp_path / "out", LABELS, **KEEP)
    groups = [told(found[key])["group"] for key in ("right/0", "left/1", "right/2", "left/3")]
    expected = hmac.new(b"", b"12345\0", hashlib.sha256).hexdigest()[:16]
    assert groups[0] == groups[1] == expected
    assert groups[2] not in (expected, "")
    assert groups[3] == ""
    assert report.tally.notes["patient_unknown"] == 1


def test_a_key_makes_groups_that_cannot_be_found_by_trying(tmp_path):
    (tmp_path / "key").write_bytes(b"a secret")
    labels = {**LABELS, "patient_key": str(tmp_path / "key")}
    _, found, _ = done(films_at(tmp_path), tmp_path / "out", labels, **KEEP)
    expected = hmac.new(b"a secret", b"12345\0", hashlib.sha256).hexdigest()[:16]
    assert told(found["right/0"])["group"] == expected
    for path in (tmp_path / "out").rglob("*"):
        assert not path.is_file() or b"a secret" not in path.read_bytes()
    assert "a keyed hash" in (tmp_path / "out/README.md").read_text()


def groups_in(folder, side):
    found = set()
    for path in folder.glob(f"{side}-*.tar"):
        with tarfile.open(path) as tar:
            names = [name for name in tar.getnames() if name.endswith(".json")]
            found |= {json.load(tar.extractfile(name))["group"] for name in names}
    return found


def test_a_split_keeps_a_patient_on_one_side(tmp_path):
    source = films_at(tmp_path, [str(i // 3) for i in range(24)])
    split = {"fractions": {"train": 0.5, "test": 0.5}, "group": "json.group", "leaks": "warn"}
    _, found, manifest = done(source, tmp_path / "out", LABELS, split=split, **KEEP)
    assert len(found) == 24
    sides = {side: groups_in(tmp_path / "out", side) for side in ("train", "test")}
    assert min(map(len, sides.values())) > 0
    assert not sides["train"] & sides["test"]
    assert sum(manifest["split"]["samples"].values()) == 24


def test_tags_that_are_asked_for_are_kept_and_the_card_names_them(tmp_path):
    labels = {**LABELS, "keep_tags": ["PatientSex"]}
    _, found, _ = done(films_at(tmp_path), tmp_path / "out", labels, **KEEP)
    assert json.loads(told(found["right/0"])["meta"])["PatientSex"] == "F"
    assert "PatientSex" in (tmp_path / "out/README.md").read_text()
    wrong = labelled(str(tmp_path / "films"), tmp_path / "o", {**LABELS, "keep_tags": ["PatientX"]})
    with pytest.raises(JobError, match="DICOM has no tag 'PatientX'"):
        pixelmill.run(wrong)


def test_tars_of_dicom_go_through_transforms_windowed_to_eight_bits(tmp_path):
    files = {f"{i}.dcm": written(dataset(ramp(top=4000 - i), stored=12)) for i in range(3)}
    (tmp_path / "films.tar").write_bytes(packed(files))
    decode = {"color": "keep", "dicom": {"window": [2000, 1000], "bits": 8}}
    more = {"transforms": [{"resize": 24}], "decode": decode, "outputs": [{"image": "jpeg"}]}
    report, found, _ = done(str(tmp_path / "films.tar"), tmp_path / "out", LABELS, **more)
    assert report.tally.written == 3
    picture = np.asarray(Image.open(BytesIO(found["1"]["jpg"])))
    assert (picture.shape, picture.dtype) == ((24, 32), np.uint8)
    assert picture[:9].max() < 8
    assert picture[-9:].min() > 247


def test_what_cannot_be_decoded_goes_to_quarantine_with_its_reason(tmp_path):
    made = dataset(ramp(), stored=12)
    made.Rows = 60000
    (tmp_path / "films.tar").write_bytes(
        packed({"a.dcm": written(made), "b.dcm": written(made)[:300], "c.dcm": b"no film"})
    )
    report, _, _ = done(str(tmp_path / "films.tar"), tmp_path / "out", LABELS, **KEEP)
    assert report.tally.quarantined["undecodable"] >= 1
    assert report.tally.quarantined.total() == 3


def test_words_of_the_job_are_checked(tmp_path):
    for window, what in (("wide", "decode.dicom.window"), ([40, 0], "width of a window must be 1")):
        with pytest.raises(JobError, match=what):
            labelled("a/", tmp_path, LABELS, decode={"dicom": {"window": window}})


def test_a_job_that_does_not_ask_for_it_says_nothing_of_dicom(tmp_path):
    job = labelled("a/", tmp_path, LABELS)
    assert "dicom" not in job.model_dump(mode="json")["decode"]


def test_without_pydicom_nothing_is_begun_and_the_pip_line_is_told(tmp_path, monkeypatch):
    import sys

    source = films_at(tmp_path)
    monkeypatch.setitem(sys.modules, "pydicom", None)
    for name in [name for name in sys.modules if name.startswith("pydicom.")]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingPackage, match=r"pip install 'pixelmill\[dicom\]'"):
        pixelmill.run(labelled(source, tmp_path / "out", LABELS))
    assert not (tmp_path / "out").exists()


@pytest.mark.corpus
@films
def test_the_real_films_are_all_written(tmp_path):
    report, found, _ = done(str(FILMS), tmp_path / "out", LABELS, **KEEP)
    assert report.tally.written == 5
    film = Image.open(BytesIO(found["RG1_J2KI"]["png"]))
    assert (film.mode, film.size) == ("I;16", (1841, 1955))
    assert np.asarray(film).min() == 32767 - 26512
