"""What the files of a published dataset are taken for: indexed, joined, and said of every image."""

import contextlib
import json
import tempfile
from pathlib import Path

import tabled

from pixelmill.annotations.schema import unknown_record
from pixelmill.errors import JobError, ShardError
from pixelmill.job import Job
from pixelmill.labels.join import Join, prepare
from pixelmill.labels.matlab import read_mat


def coco(data: bytes) -> None:
    """A record of every image that can be told, with all columns; or a JobError."""
    _joined(data, "instances.json", {"form": "coco", "instances": "instances.json"})


def labelbox(data: bytes) -> None:
    """The same of an export."""
    _joined(data, "export.ndjson", {"form": "labelbox", "table": "export.ndjson"})


def _joined(data: bytes, name: str, labels: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory(dir=tabled.SHM if tabled.SHM.is_dir() else None) as folder:
        Path(folder, name).write_bytes(data)
        words = {
            word: f"{folder}/{name}" if said == name else said for word, said in labels.items()
        }
        job = Job(source={"urls": f"{folder}/images", "labels": words}, output=f"{folder}/out")
        with contextlib.suppress(JobError):
            prepare(job)
            for sample in Join(job).of_rows():
                assert json.loads(sample.fields["json"]).keys() == unknown_record().keys()


def matlab(data: bytes) -> None:
    """The variables of a MAT-file, or a ShardError."""
    with contextlib.suppress(ShardError):
        read_mat(data, "meta.mat")


def cocos() -> dict[str, bytes]:
    polygon = {"id": 1, "image_id": 7, "category_id": 3, "bbox": [1, 2, 30, 40.5], "iscrowd": 0}
    crowd = {"size": [6, 8], "counts": [3, 5, 40]}
    told = {
        "images": [{"id": 7, "file_name": "a.jpg", "height": 60, "width": 80, "license": 1}],
        "annotations": [
            {**polygon, "area": 9.5, "segmentation": [[1, 2, 31, 2, 31, 42.5, 1, 42.5]]},
            {**polygon, "id": 2, "iscrowd": 1, "segmentation": crowd},
            {**polygon, "id": 3, "segmentation": {"size": [6, 8], "counts": "3500"}},
        ],
        "categories": [{"id": 3, "name": "car", "supercategory": "vehicle"}],
        "licenses": [{"id": 1, "name": "By", "url": "http://x"}],
    }
    swapped = dict(reversed(told.items()))
    return {"whole": json.dumps(told).encode(), "swapped": json.dumps(swapped, indent=1).encode()}


def labelboxes() -> dict[str, bytes]:
    box = {"top": 1, "left": 2, "height": 3, "width": 4}
    shape = {"feature_id": "f", "name": "car", "annotation_kind": "ImageBoundingBox"}
    ring = [{"x": 1, "y": 2}, {"x": 9, "y": 2}, {"x": 9, "y": 8}]
    answer = {"name": "kind", "radio_answer": {"name": "red", "classifications": []}}
    objects = [
        {**shape, "bounding_box": box, "classifications": [answer]},
        {**shape, "annotation_kind": "ImagePolygon", "polygon": ring},
        {**shape, "annotation_kind": "ImagePoint", "point": {"x": 4, "y": 5}},
    ]
    label = {
        "id": "l",
        "label_details": {"created_by": "a@b"},
        "performance_details": {"skipped": False, "consensus_score": 0.5},
        "annotations": {"objects": objects, "classifications": [answer], "relationships": []},
    }
    row = {
        "data_row": {"id": "d", "external_id": "a.jpg", "row_data": "https://x/a.jpg"},
        "media_attributes": {"width": 80, "height": 60, "mime_type": "image/jpeg"},
        "projects": {"p": {"name": "P", "labels": [label, label]}},
    }
    line = json.dumps(row).encode()
    return {"lines": line + b"\n" + line, "array": b"[" + line + b"]"}


def matlabs() -> dict[str, bytes]:
    import io

    import numpy as np
    from scipy.io import savemat

    rows = np.zeros((2, 1), [("ILSVRC2012_ID", "O"), ("WNID", "O"), ("num_children", "O")])
    for place, row in enumerate(rows[:, 0]):
        row["ILSVRC2012_ID"], row["WNID"], row["num_children"] = place + 1, f"n{place}", 0
    made = {}
    for name in ("plain", "packed"):
        file = io.BytesIO()
        savemat(file, {"synsets": rows}, do_compression=name == "packed")
        made[name] = b" " * 116 + file.getvalue()[116:]  # without the date
    return made
