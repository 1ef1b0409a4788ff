"""The process in a peer's own environment: does what it is told, one line of JSON each way.

    python -m bench.peers.worker LOOP CORES

It imports the loop and what that needs, nothing of pixelmill unless the loop is pixelmill's.
What libraries print goes to stderr, so that the answers stay alone on stdout.
"""

import io
import json
import os
import sys
import tarfile
import time
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

JOBS = {"J1": "shards_to_shards", "J2": "tensors", "J3": "kernels", "J4": "reader"}
ENOUGH, MOST = 0.25, 300  # seconds for each kernel, and runs of it

Answer = dict[str, Any]


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    name, cores = sys.argv[1], int(sys.argv[2])
    loops: Any = None
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            if loops is None:
                loops = _started(name, cores)
            found = _DOING[asked["do"]](loops, cores, asked)
        except Exception as error:  # noqa: BLE001 - a peer's, whatever it be, is its row
            found = {"error": f"{type(error).__name__}: {error}".strip().splitlines()[0]}
        answers.write(json.dumps(found) + "\n")
        answers.flush()


def _started(name: str, cores: int) -> Any:
    loops = import_module(f"bench.peers.loops.{name}")
    if hasattr(loops, "start"):
        loops.start(cores)
    return loops


def _can(loops: Any, cores: int, asked: Answer) -> Answer:
    return {"jobs": [job for job, function in JOBS.items() if hasattr(loops, function)]}


def _prepare(loops: Any, cores: int, asked: Answer) -> Answer:
    """What the jobs shall read: the tars, or what the peer makes of them; and what that took."""
    if not hasattr(loops, "prepare"):
        return {"tars": asked["tars"], "seconds": 0.0}
    os.makedirs(asked["folder"])
    start = time.perf_counter()
    tars = list(loops.prepare(asked["tars"], asked["folder"], cores))
    return {"tars": tars, "seconds": time.perf_counter() - start}


def _run(loops: Any, cores: int, asked: Answer) -> Answer:
    """Images, seconds, and when (by the clock of the day) the first output was there."""
    start = time.perf_counter()
    if asked["job"] == "J1":
        count, first = loops.shards_to_shards(asked["tars"], asked["out"], cores), time.time()
    else:
        count, first = 0, 0.0
        for _, images in getattr(loops, JOBS[asked["job"]])(asked["tars"], cores):
            first = first or time.time()
            count += len(images)
    return {"images": count, "seconds": time.perf_counter() - start, "first": first}


def _keep(loops: Any, cores: int, asked: Answer) -> Answer:
    """Run once more and leave what was made below `out`, for somebody else to look at."""
    out = Path(asked["out"])
    if asked["job"] == "J1":
        count = loops.shards_to_shards(asked["tars"], asked["out"], cores)
        if hasattr(loops, "as_read"):
            _as_tar(loops.as_read(asked["out"]), out / "as-read.tar")
        return {"images": count}
    import numpy as np

    batches = list(getattr(loops, JOBS[asked["job"]])(asked["tars"], cores))
    keys = [key for some, images in batches for key in (some or [None] * len(images))]
    images = np.concatenate([np.asarray(images) for _, images in batches])
    np.save(out / "images.npy", images)
    return {"images": len(images), "keys": keys}


def _as_tar(images: Iterator[tuple[str, bytes]], path: Path) -> None:
    with tarfile.open(path, "w") as tar:
        for key, data in images:
            member = tarfile.TarInfo(f"{key}.jpg")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))


def _kernels(loops: Any, cores: int, asked: Answer) -> Answer:
    """Microseconds of each kernel on one image, the median; its output is kept."""
    import numpy as np

    image = np.load(asked["image"])
    found: dict[str, float | str] = {}
    for name, kernel in loops.kernels().items():
        try:
            np.save(Path(asked["out"]) / f"{name}.npy", np.asarray(kernel(image)))
            found[name] = round(_median(kernel, image) * 1e6, 1)
        except Exception as error:  # noqa: BLE001 - as above, of one kernel
            found[name] = f"{type(error).__name__}: {error}".splitlines()[0]
    return {"microseconds": found}


def _median(kernel: Callable[[Any], Any], image: Any) -> float:
    """Seconds of the median run."""
    took: list[float] = []
    while sum(took) < ENOUGH and len(took) < MOST:
        start = time.perf_counter()
        kernel(image)
        took.append(time.perf_counter() - start)
    return sorted(took)[len(took) // 2]


_DOING = {"can": _can, "prepare": _prepare, "run": _run, "keep": _keep, "kernels": _kernels}


if __name__ == "__main__":
    main()
