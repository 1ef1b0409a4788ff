"""ImageNet: tars, devkits and box files as they are published, made here; SciPy makes meta.mat."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy.io
from labels.made import done, labelled, told
from PIL import Image
from sources.test_nested import packed

import pixelmill
from pixelmill.errors import JobError

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("PIXELMILL_DATA", Path(__file__).parents[3] / "shared" / "data"))
LAYOUT = DATA / "synthetic" / "imagenet_dataset"
corpus = pytest.mark.skipif(not LAYOUT.exists(), reason=f"the folders are not at {LAYOUT}")

# ILSVRC2012_ID is no alphabetical number: the three orders differ.
WORDS = {
    "n01440764": (3, "tench, Tinca tinca"),
    "n02088094": (1, "Afghan hound, Afghan"),
    "n02105855": (2, "Shetland sheepdog, Shetland"),
}


def image(format="JPEG", mode="RGB", size=(40, 30), number=0, **how):
    out = io.BytesIO()
    picture = Image.new(mode, size, (number * 9 % 256,) * len(Image.new(mode, (1, 1)).getbands()))
    picture.save(out, format, **how)
    return out.getvalue()


def meta_mat():
    """All synsets, the leaves first as in the real one; the last has children and is no class."""
    names = ["ILSVRC2012_ID", "WNID", "words", "gloss", "num_children", "children"]
    table = np.zeros((len(WORDS) + 1, 1), [(name, "O") for name in names])
    leaves = sorted((number, wnid, words) for wnid, (number, words) in WORDS.items())
    for place, (number, wnid, words) in enumerate(leaves):
        table[place, 0] = (float(number), wnid, words, "a gloss", 0.0, np.empty((0, 0)))
    table[-1, 0] = (1001.0, "n00001740", "entity", "a gloss", 3.0, np.arange(1.0, 4))
    out = io.BytesIO()
    scipy.io.savemat(out, {"synsets": table}, do_compression=True)
    return out.getvalue()


def devkit(folder, truth):
    files = {
        "data/meta.mat": meta_mat(),
        "data/ILSVRC2012_validation_ground_truth.txt": "".join(f"{n}\n" for n in truth).encode(),
    }
    for name, data in files.items():
        (folder / "kit" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "kit" / name).write_bytes(data)
    tar = folder / "ILSVRC2012_devkit_t12.tar.gz"
    tar.write_bytes(
        packed({f"ILSVRC2012_devkit_t12/{k}": v for k, v in files.items()}, mode="w:gz")
    )
    return str(tar)


def train_tar(folder, odd=None):
    """The official layout: an inner tar a class, its images named by it."""
    inner = {}
    for place, wnid in enumerate(WORDS):
        files = {f"{wnid}_{i}.JPEG": image(number=3 * place + i) for i in range(2)}
        inner[f"{wnid}.tar"] = packed(files | (odd or {}).get(wnid, {}))
    path = folder / "ILSVRC2012_img_train.tar"
    path.write_bytes(packed(inner))
    return str(path)


def val_tar(folder, count=3):
    path = folder / "ILSVRC2012_img_val.tar"
    names = [f"ILSVRC2012_val_{i:08d}.JPEG" for i in range(1, count + 1)]
    path.write_bytes(packed({name: image(number=i) for i, name in enumerate(names)}))
    return str(path)


def imagenet(folder, truth=(2, 3, 1), **more):
    return {"form": "imagenet", "devkit": devkit(folder, truth), **more}


KEEP = {"decode": {"color": "keep", "orientation": "ignore"}}


@pytest.mark.parametrize(
    ("order", "expected"),
    [("sorted", [0, 1, 2]), ("devkit", [3, 1, 2]), ("slim", [1, 2, 3])],
)
def test_the_train_tar_is_labelled_in_the_order_that_is_asked_for(tmp_path, order, expected):
    labels = imagenet(tmp_path, order=order)
    report, found, manifest = done(train_tar(tmp_path), tmp_path / "out", labels, **KEEP)
    assert (report.tasks, report.tally.written) == (3, 6)
    got = [int(found[f"{wnid}/{wnid}_0"]["cls"]) for wnid in WORDS]
    assert got == expected
    names = manifest["source"]["classes"]
    assert [names[n] for n in got] == [f"{wnid} {words}" for wnid, (_, words) in WORDS.items()]
    assert order == "sorted" or names[0] == "unused-0"
    one = told(found["n01440764/n01440764_1"])
    assert (one["labels"], one["label_state"], one["split"]) == ([expected[0]], [1], "train")
    assert (one["width"], one["height"]) == (40, 30)
    meta = {"wnid": "n01440764", "words": "tench, Tinca tinca"}
    assert json.loads(one["meta"]) == {**meta, "sorted": 0, "slim": 1, "ilsvrc2012_id": 3}
    card = (tmp_path / "out/README.md").read_text()
    assert "tench, Tinca tinca" in card


def test_val_images_get_their_class_from_the_ground_truth_in_the_order_of_their_names(tmp_path):
    labels = imagenet(tmp_path, truth=(2, 3, 1), subset="val")
    report, found, manifest = done(val_tar(tmp_path), tmp_path / "out", labels, **KEEP)
    assert report.tally.written == 3
    got = {key: json.loads(told(fields)["meta"])["wnid"] for key, fields in found.items()}
    assert got == {
        "ILSVRC2012_val_00000001": "n02105855",
        "ILSVRC2012_val_00000002": "n01440764",
        "ILSVRC2012_val_00000003": "n02088094",
    }
    assert int(found["ILSVRC2012_val_00000002"]["cls"]) == 0
    assert told(found["ILSVRC2012_val_00000002"])["split"] == "val"
    assert manifest["labels"]["rows_without_image"] == 0


def test_an_unpacked_devkit_says_the_same(tmp_path):
    labels = imagenet(tmp_path, subset="val")
    _, packed_kit, _ = done(val_tar(tmp_path), tmp_path / "a", labels, **KEEP)
    labels["devkit"] = str(tmp_path / "kit")
    _, folder, _ = done(val_tar(tmp_path), tmp_path / "b", labels, **KEEP)
    assert folder == packed_kit


def test_folders_of_classes_are_labelled_as_the_tars_are(tmp_path):
    for wnid in WORDS:
        (tmp_path / "train" / wnid).mkdir(parents=True)
        for i in range(2):
            data = image(number=3 * [*WORDS].index(wnid) + i)
            (tmp_path / "train" / wnid / f"{wnid}_{i}.JPEG").write_bytes(data)
    labels = imagenet(tmp_path)
    _, folders, _ = done(str(tmp_path / "train"), tmp_path / "a", labels, **KEEP)
    _, tars, _ = done(train_tar(tmp_path), tmp_path / "b", labels, **KEEP)
    assert folders == tars


@pytest.mark.parametrize("how", ["text", "tar", "list"])
def test_without_a_devkit_classes_are_named_by_lines_by_the_tar_or_by_a_list(tmp_path, how):
    lines = "\n".join(f"{wnid} {words}" for wnid, (_, words) in WORDS.items())
    (tmp_path / "LOC_synset_mapping.txt").write_text(lines)
    said = {
        "text": {"synsets": str(tmp_path / "LOC_synset_mapping.txt")},
        "tar": {"synsets": train_tar(tmp_path)},
        "list": {"wnids": [*WORDS]},
    }[how]
    labels = {"form": "imagenet", **said}
    _, found, manifest = done(train_tar(tmp_path), tmp_path / "out", labels, **KEEP)
    assert int(found["n02105855/n02105855_0"]["cls"]) == 2
    words = "Shetland sheepdog, Shetland" if how == "text" else ""
    assert manifest["source"]["classes"][2] == f"n02105855 {words}".strip()
    meta = json.loads(told(found["n02105855/n02105855_0"])["meta"])
    assert meta == {"wnid": "n02105855", "words": words, "sorted": 2, "slim": 3}


def box_xml(objects, size=(80, 60), filename="%s"):
    drawn = "".join(
        f"<object><name>{name}</name><truncated>1</truncated><bndbox><xmin>{x1}</xmin>"
        f"<ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax></bndbox></object>"
        for name, x1, y1, x2, y2 in objects
    )
    sides = f"<size><width>{size[0]}</width><height>{size[1]}</height></size>"
    text = f"<annotation><filename>{filename}</filename>{sides}{drawn}</annotation>"
    return text.encode()


BOXES = {
    # drawn at twice the size of the file
    "n01440764/n01440764_0.xml": box_xml([("n01440764", 10, 20, 50, 40)]),
    # corners swapped, partly outside, wholly outside, no number, no width
    "n01440764/n01440764_1.xml": box_xml(
        [
            ("n01440764", 50, 40, 10, 20), ("n01440764", -10, 0, 20, 20),
            ("n01440764", 90, 0, 99, 20), ("n01440764", "x", 0, 9, 9), ("n01440764", 5, 0, 5, 9),
        ]
    ),
    # named by words, by a class that is none of these, and by another class
    "n02088094/n02088094_0.xml": box_xml(
        [("Scottish_deerhound", 0, 0, 20, 20), ("n09999999", 0, 0, 9, 9), ("n02105855", 0, 0, 8, 8)]
    ),
    "n02088094/n02088094_1.xml": b"<annotation><object>",
    "n02105855/n02105855_7.xml": box_xml([("n02105855", 0, 0, 9, 9)]),
}  # fmt: skip


def boxes_at(folder, how):
    if how == "folder":
        for name, data in BOXES.items():
            (folder / "Annotation" / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / "Annotation" / name).write_bytes(data)
        return str(folder / "Annotation")
    members = BOXES
    if how == "nested":
        members = {
            f"{wnid}.tar.gz": packed(
                {k: v for k, v in BOXES.items() if k.startswith(wnid)}, mode="w:gz"
            )
            for wnid in WORDS
        }
    (folder / "boxes.tar.gz").write_bytes(packed(members, mode="w:gz"))
    return str(folder / "boxes.tar.gz")


@pytest.mark.parametrize("how", ["tar", "nested", "folder"])
def test_boxes_are_scaled_to_the_stored_image_and_mended_by_counted_rules(tmp_path, how):
    labels = imagenet(tmp_path, boxes=boxes_at(tmp_path, how))
    report, found, manifest = done(train_tar(tmp_path), tmp_path / "out", labels, **KEEP)
    assert report.tally.written == 6
    first = told(found["n01440764/n01440764_0"])["objects"]
    assert first["bbox"] == [[5.0, 10.0, 20.0, 10.0]]
    assert (first["category"], first["truncated"], first["occluded"]) == ([0], [1], [-1])
    second = told(found["n01440764/n01440764_1"])["objects"]
    assert second["bbox"] == [[5.0, 10.0, 20.0, 10.0], [0.0, 0.0, 10.0, 10.0]]
    assert told(found["n02088094/n02088094_0"])["objects"]["category"] == [1, 2]
    assert told(found["n02105855/n02105855_0"])["objects"]["bbox"] == []
    notes = report.tally.notes
    assert {name: notes[name] for name in notes if "box" in name or "annot" in name} == {
        "annotation_not_finite": 1, "annotation_outside": 1, "box_clipped": 1,
        "box_corners_swapped": 1, "box_empty": 1, "box_named_otherwise": 1, "boxes_rescaled": 3,
        "boxes_unreadable": 1,
    }  # fmt: skip
    assert notes["unknown_category"] == 1
    assert manifest["labels"]["annotations_without_image"] == 1


def test_boxes_follow_a_resize_in_the_same_pass(tmp_path):
    labels = imagenet(tmp_path, boxes=boxes_at(tmp_path, "tar"))
    steps = {"transforms": [{"resize": {"size": [15, 20], "mode": "exact"}}]}
    outputs = [{"image": "jpeg"}]
    _, found, _ = done(train_tar(tmp_path), tmp_path / "out", labels, outputs=outputs, **steps)
    one = told(found["n01440764/n01440764_0"])
    assert one["objects"]["bbox"] == [[2.5, 5.0, 10.0, 5.0]]
    assert (one["width"], one["height"], one["orig_width"]) == (20, 15, 40)


def odd_images():
    exif = Image.Exif()
    exif[0x0112] = 0
    turned = Image.Exif()
    turned[0x0112] = 6
    return {
        "n02105855_2933.JPEG": image("PNG"),
        "n02105855_50.JPEG": image(mode="CMYK"),
        "n02105855_51.JPEG": image(exif=exif),
        "n02105855_52.JPEG": image(exif=turned),
        "n02105855_53.JPEG": image(mode="L"),
    }


def test_clean_files_pass_byte_for_byte_and_cmyk_becomes_rgb_whatever_their_names(tmp_path):
    odd = odd_images()
    source = train_tar(tmp_path, {"n02105855": odd})
    report, found, _ = done(source, tmp_path / "out", imagenet(tmp_path), **KEEP)
    assert report.tally.written == 11
    for name, data in odd.items():
        fields = found[f"n02105855/{name.partition('.')[0]}"]
        if name != "n02105855_50.JPEG":
            assert fields["jpeg"] == data
    ink = found["n02105855/n02105855_50"]
    assert Image.open(io.BytesIO(ink["jpg"])).mode == "RGB"
    assert report.tally.notes["cmyk_converted"] == 1
    assert report.tally.notes["orientation_ignored"] == 1


def test_all_odd_files_decode_to_rgb_when_pixels_are_asked_for(tmp_path):
    source = train_tar(tmp_path, {"n02105855": odd_images()})
    more = {"transforms": [{"resize": 16}], "outputs": [{"image": "jpeg"}]}
    report, found, _ = done(source, tmp_path / "out", imagenet(tmp_path), **more)
    assert report.tally.written == 11
    modes = {Image.open(io.BytesIO(fields["jpg"])).mode for fields in found.values()}
    assert modes == {"RGB"}
    assert report.tally.notes["orientation_applied"] == 1


def test_flat_val_images_without_subset_say_what_to_do(tmp_path):
    report, _, _ = done(val_tar(tmp_path), tmp_path / "out", imagenet(tmp_path), **KEEP)
    assert report.tally.quarantined == {"no_class": 3}


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({}, r"name the classes by one of `devkit`, `synsets` and `wnids`"),
        ({"devkit": "a", "synsets": "b"}, r"name the classes by one of"),
        ({"synsets": "b", "subset": "val"}, r"subset: val and order: devkit need the `devkit`"),
    ],
)
def test_labels_that_name_no_classes_are_refused(said, what, tmp_path):
    with pytest.raises(JobError, match=what):
        labelled("images/", tmp_path, {"form": "imagenet", **said})


def test_a_truth_that_is_no_number_or_no_class_is_refused(tmp_path):
    for truth, what in (((2, "x"), "line 2 of the ground truth"), ((9,), "is of class 9")):
        labels = imagenet(tmp_path, truth=truth, subset="val")
        with pytest.raises(JobError, match=what):
            pixelmill.run(labelled(val_tar(tmp_path), tmp_path / f"out-{truth[0]}", labels))


@pytest.mark.corpus
@corpus
def test_folders_of_another_making_are_labelled_by_their_names(tmp_path):
    labels = {"form": "imagenet", "wnids": ["label_0", "label_1"]}
    report, found, _ = done(str(LAYOUT), tmp_path / "out", labels, **KEEP)
    assert report.tally.written == 3
    assert report.tally.quarantined == {"no_row": 1}  # one lies in no class folder
    assert {fields["cls"] for key, fields in found.items() if "label_1/" in key} == {b"1"}


PEAK = """
import sys
from pixelmill.job import Job
from pixelmill.labels import prepare
labels = {"form": "imagenet", "wnids": ["n01440764"], "boxes": sys.argv[1]}
job = Job(source={"urls": "unused", "labels": labels}, output=sys.argv[2])
rows = prepare(job)["rows"][1]
# not ru_maxrss, which is at least that of the process that started this one
status = open("/proc/self/status").read()
print(rows, status.partition("VmHWM:")[2].split()[0])
"""


def peak_of(folder, count):
    """Rows and peak memory of a process that takes in the boxes of so many images, in bytes."""
    tar = folder / f"boxes-{count}.tar.gz"
    data = box_xml([("n01440764", 10, 20, 50, 40)])
    tar.write_bytes(packed({f"n01440764/{i}.xml": data for i in range(count)}, mode="w:gz"))
    command = [sys.executable, "-c", PEAK, str(tar), str(folder / f"out-{count}")]
    paths = os.pathsep.join(map(str, (ROOT / "engine", ROOT / "kernels")))
    found = subprocess.run(
        command, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, check=True
    )
    rows, peak = map(int, found.stdout.split())
    assert rows == count
    return peak * 1024


@pytest.mark.slow
def test_the_boxes_of_many_images_take_no_more_memory_than_those_of_few(tmp_path):
    few, many = (peak_of(tmp_path, count) for count in (2_000, 100_000))
    # a partition of rows, and what reading it makes of them (labels/index.py)
    assert many - few < 100 << 20
