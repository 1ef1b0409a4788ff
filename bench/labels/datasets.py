"""How long the annotations of whole datasets take: COCO's JSON and Open Images' tables of boxes.

    python -m bench.labels.datasets --coco 200000 860000 --openimages 1000000 2000000

Both are made here as large as asked: COCO of so many annotations, seven an image with a polygon of
25 points each, and Open Images of so many boxes, eight an image.  Measured: the index, then the
records of 20,000 images as a job makes them; memory is the process's largest, in a process of its
own.
"""

import argparse
import io
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np

from bench.pipeline.facts import save
from pixelmill import Job
from pixelmill.labels import join_of, prepare
from pixelmill.sample import Failure, Sample

WIDTH, HEIGHT, POINTS = 640, 480, 25
COCO_EACH, BOXES_EACH = 7, 8
MOST = 20_000
_FLAGS = "IsOccluded,IsTruncated,IsGroupOf,IsDepiction,IsInside"
_COLUMNS = f"ImageID,Source,LabelName,Confidence,XMin,XMax,YMin,YMax,{_FLAGS}\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--coco", type=int, nargs="*", default=[200_000, 860_000])
    parser.add_argument("--openimages", type=int, nargs="*", default=[1_000_000, 2_000_000])
    parser.add_argument("--one", nargs=2, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(_one(asked.one[0], int(asked.one[1]))))
        return
    found: dict[str, Any] = {}
    for name in MADE:
        for rows in getattr(asked, name):
            words = ["-m", "bench.labels.datasets", "--one", name, str(rows)]
            done = subprocess.run([sys.executable, *words], check=True, capture_output=True)
            found[f"{name} {rows}"] = json.loads(done.stdout)
            print(name, rows, done.stdout.decode().strip(), flush=True)
    save("labels-datasets", found)


def coco(folder: Path, rows: int) -> dict[str, str]:
    """instances.json of so many annotations; the words of a job's labels."""
    path, random = folder / "instances.json", np.random.default_rng(1)
    images = -(-rows // COCO_EACH)
    rings = random.uniform(1, 60, (997, 2 * POINTS)).round(2).tolist()
    places = random.uniform(0, 400, (997, 2)).round(2).tolist()
    with path.open("w") as file:
        file.write('{"info": {}, "licenses": [], "images": [')
        facts = {"width": WIDTH, "height": HEIGHT, "license": 3, "coco_url": "http://images/x.jpg"}
        for n in range(images):
            image = {"id": n, "file_name": f"{n:012}.jpg", **facts}
            file.write(", " * (n > 0) + json.dumps(image))
        file.write('], "annotations": [')
        for n in range(rows):
            (x, y), ring = places[n % 997], rings[n % 991]
            moved = [round(at + (x, y)[i % 2], 2) for i, at in enumerate(ring)]
            box = [x, y, 61.0, 61.0]
            one = {"segmentation": [moved], "area": 500.5, "iscrowd": 0, "image_id": n % images}
            one |= {"bbox": box, "category_id": n % 90 + 1, "id": n}
            file.write(", " * (n > 0) + json.dumps(one))
        categories = [{"id": n, "name": f"c{n}", "supercategory": "s"} for n in range(1, 91)]
        file.write('], "categories": ' + json.dumps(categories) + "}")
    return {"form": "coco", "instances": str(path)}


def openimages(folder: Path, rows: int) -> dict[str, str]:
    """A table of so many boxes, and its classes; the words of a job's labels."""
    boxes, classes = folder / "boxes.csv", folder / "classes.csv"
    classes.write_text("LabelName,DisplayName\n" + "".join(f"/m/{n},c{n}\n" for n in range(600)))
    with boxes.open("w") as file:
        file.write(_COLUMNS)
        for n in range(rows):
            x, y = n * 37 % 800 / 1000, n * 53 % 700 / 1000
            corners = f"{x:.6f},{x + 0.15:.6f},{y:.6f},{y + 0.2:.6f}"
            file.write(f"{_key(n // BOXES_EACH)},xclick,/m/{n % 600},1,{corners},0,1,0,0,0\n")
    return {"form": "openimages", "classes": str(classes), "boxes": str(boxes)}


MADE: dict[str, Callable[[Path, int], dict[str, str]]] = {"coco": coco, "openimages": openimages}


def _one(name: str, rows: int) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as folder:
        labels = MADE[name](Path(folder), rows)
        source = {"urls": "unused", "labels": labels}
        job = Job.model_validate({"source": source, "output": f"{folder}/out"})
        size = sum(path.stat().st_size for path in Path(folder).iterdir())
        before = _peak()
        start, used = perf_counter(), process_time()
        prepare(job)
        cpu = process_time() - used
        found = {
            "table_bytes": size,
            "index_bytes": Path(folder, "out/labels/index").stat().st_size,
            "index_seconds": round(perf_counter() - start, 2),
            "index_cpu_seconds": round(cpu, 2),
            "rows_a_cpu_second": round(rows / cpu),
            "peak_rss_before_kib": before,
            "peak_rss_kib": _peak(),
        }
        join = join_of(job)
        assert join is not None
        each = COCO_EACH if name == "coco" else BOXES_EACH
        asked = [*_samples(name, min(MOST, rows // each))]
        told = [*join.samples(iter(asked[:100]))]  # warm
        assert not any(isinstance(one, Failure) for one in told)
        used = process_time()
        for _ in join.samples(iter(asked)):
            pass
        cpu = process_time() - used
        return {**found, "records": len(asked), "us_a_record": round(cpu / len(asked) * 1e6, 1)}


def _samples(name: str, count: int) -> Iterator[Sample | Failure]:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (WIDTH, HEIGHT)).save(out, "jpeg")
    for n in range(count):
        key = f"{n:012}" if name == "coco" else _key(n)
        yield Sample(key, {"jpg": out.getvalue()}, "unused", "jpg")


def _key(image: int) -> str:
    return f"{image * 2654435761 % 2**32:08x}{image:08x}"


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


if __name__ == "__main__":
    main()
