"""pixelmill import coco and openimages: images byte for byte, and what is said of them."""

import json
import tarfile

import numpy as np
from annotations.record import levels
from labels import test_coco, test_openimages
from labels.coco_made import instances, photos, write
from labels.made import told


def samples(path):
    found = {}
    with tarfile.open(path) as tar:
        for member in tar:
            key, _, name = member.name.partition(".")
            found.setdefault(key, {})[name] = tar.extractfile(member).read()
    return found


def test_coco_is_imported_with_all_that_its_files_say(pixelmill, tmp_path):
    ids, labels = test_coco.panoptic(tmp_path)
    labels["instances"] = write(tmp_path, "i.json", instances())
    words = [f"--{word.replace('_', '-')}={url}" for word, url in labels.items()]
    source = photos(tmp_path)
    said = pixelmill("import", "coco", source, tmp_path / "out", *words, "--json")
    assert said.code == 0, said.all
    assert json.loads(said.out)["tally"]["written"] == 3
    found = samples(tmp_path / "out/train-000000.tar")
    for key, fields in found.items():
        assert fields["png"] == (tmp_path / f"images/{key}.png").read_bytes()
    assert told(found["000042"])["objects"]["id"] == [5, 6]
    pixels = levels(found["000042"]["panoptic.png"]).astype(int) @ [1, 256, 65536]
    np.testing.assert_array_equal(pixels, ids)
    assert "dog" in (tmp_path / "out/README.md").read_text()


def test_open_images_are_imported_from_their_tables(pixelmill, tmp_path):
    labels = test_openimages.tables(
        tmp_path, boxes=test_openimages.BOXES, labels=test_openimages.LABELS
    )
    words = [f"--{word}={url}" for word, url in labels.items() if word != "form"]
    source = test_openimages.photos(tmp_path)
    said = pixelmill("import", "openimages", source, tmp_path / "out", *words, "--json",
                     "--without-row", "keep")  # fmt: skip
    assert said.code == 0, said.all
    tally = json.loads(said.out)["tally"]
    assert (tally["written"], tally["notes"]["unknown_label"]) == (4, 1)
    found = samples(tmp_path / "out/train-000000.tar")
    assert {fields["jpg"] for fields in found.values()} == {test_openimages.photo()}
    assert told(found["train/cc"])["label_state"] == [0]
