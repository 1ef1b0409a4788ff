"""What the annotations of COCO cost a job: its images resized with seven objects each, and without.

    python -m bench.labels.cost --images ../shared/data/coco/images --copies 20 --rounds 5

Copies of real photographs, each with seven objects that are polygons, or the masks that those
cover as runs; one worker, shorter side to 256, JPEG.  Figures are the CPU time of this process a
sample, by turns; the best round of each counts.
"""

import argparse
import json
import shutil
import tempfile
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
from PIL import Image

import pixelmill
from bench.pipeline.facts import save
from pixelmill import Job
from pixelmill_kernels import polygon, rle

EACH, POINTS = 7, 25


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=Path, default=Path("../shared/data/coco/images"))
    parser.add_argument("--copies", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        images = _copied(asked.images, folder, asked.copies)
        kinds: dict[str, Any] = {"nothing": None}
        kinds |= {kind: _written(folder, images, kind) for kind in ("polygons", "masks")}
        times: dict[str, list[float]] = {kind: [] for kind in kinds}
        for turn in range(asked.rounds + 1):
            for kind, labels in kinds.items():
                used = _run(folder, f"out-{turn}-{kind}", labels) / len(images)
                if turn:  # the first compiles
                    times[kind].append(round(used * 1e6, 1))
    best = {kind: min(some) for kind, some in times.items()}
    more = {kind: round(best[kind] / best["nothing"] - 1, 4) for kind in best if kind != "nothing"}
    print(json.dumps({"us_a_sample": best, "more": more}))
    save("labels-cost", {"samples": len(images), "us_a_sample": times, "more": more})


def _copied(source: Path, folder: Path, copies: int) -> dict[str, tuple[int, int]]:
    """Copies of the images; the (width, height) of each."""
    (folder / "images").mkdir()
    found = {}
    for path in sorted(source.glob("*.jpg")):
        with Image.open(path) as image:
            size = image.size
        for copy in range(copies):
            found[f"{path.stem}-{copy}.jpg"] = size
            shutil.copy(path, folder / "images" / f"{path.stem}-{copy}.jpg")
    return found


def _written(folder: Path, images: dict[str, tuple[int, int]], kind: str) -> dict[str, str]:
    random = np.random.default_rng(7)
    facts: dict[str, list[Any]] = {"images": [], "annotations": []}
    for number, (name, (width, height)) in enumerate(images.items()):
        facts["images"].append({"id": number, "file_name": name, "width": width, "height": height})
        for n in range(EACH):
            ring = _ring(random, width, height)
            x, y = ring.min(axis=0)
            wide, high = np.ptp(ring, axis=0)
            drawn: Any = [ring.reshape(-1).round(2).tolist()]
            if kind == "masks":
                text = rle.to_text(polygon.fill(ring, (height, width))).decode()
                drawn = {"size": [height, width], "counts": text}
            one = {"id": EACH * number + n, "image_id": number, "category_id": n, "iscrowd": 0}
            one |= {"bbox": [x, y, wide, high], "area": 1.0, "segmentation": drawn}
            facts["annotations"].append(one)
    facts["categories"] = [{"id": n, "name": f"c{n}"} for n in range(EACH)]
    path = folder / f"{kind}.json"
    path.write_text(json.dumps(facts))
    return {"form": "coco", "instances": str(path)}


def _ring(random: np.random.Generator, width: int, height: int) -> Any:
    """A round thing with dents, as large as COCO's are in the middle: an eighth of a side."""
    angles = np.linspace(0, 2 * np.pi, POINTS, endpoint=False)
    out = random.uniform(0.6, 1, POINTS) * random.uniform(0.03, 0.25)
    x, y = random.uniform(0.26, 0.74, 2)
    points = np.stack([x + out * np.cos(angles), y + out * np.sin(angles)], axis=1)
    return np.ascontiguousarray(points * (width, height))


def _run(folder: Path, out: str, labels: dict[str, str] | None) -> float:
    source: dict[str, Any] = {"urls": str(folder / "images")}
    if labels:
        source["labels"] = labels
    facts = {"transforms": [{"resize": 256}], "outputs": [{"image": {"format": "jpeg"}}]}
    executor = {"kind": "inline", "workers": 1}
    job = Job.model_validate(
        {"source": source, "output": str(folder / out), "executor": executor, **facts}
    )
    used = process_time()
    report = pixelmill.run(job)
    used = process_time() - used
    assert report.exit_code == 0
    shutil.rmtree(folder / out)
    return used


if __name__ == "__main__":
    main()
