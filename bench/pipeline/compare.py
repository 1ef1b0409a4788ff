"""This engine against the codec floor and the usual loops, on one core, in one run.

    python -m bench.pipeline.compare --size imagenet
    python -m bench.pipeline.compare --size camera

Rounds go A B C ... A B C ..., so that a machine that grows slower is slower for all; figures are
medians over the rounds, ratios are taken within each round first.
"""

import argparse
import os
import shutil
import tempfile
from statistics import median
from time import perf_counter

from bench.pipeline import rivals
from bench.pipeline.facts import save
from pixelmill.demo.samples import write_samples
from pixelmill_kernels.warmup import warmup

RIVALS = {
    "pixelmill": rivals.pixelmill,
    "pixelmill, decode.scale exact": rivals.pixelmill_exact,
    "webdataset + Pillow": rivals.pillow,
    "webdataset + Pillow with draft": rivals.pillow_draft,
    "webdataset + OpenCV INTER_AREA": rivals.opencv,
}
# How many photographs a run needs so that starting it (some 20 ms) is no part of the figures.
SAMPLES = {"imagenet": 4000, "web": 600, "camera": 32, "camera-fine": 32}
# These are reduced by less than two: no smaller scale is large enough, for anyone.
NEVER_SCALED = {"imagenet"}


def main() -> None:
    asked = _arguments()
    os.sched_setaffinity(0, {asked.core})
    with tempfile.TemporaryDirectory() as folder:
        count = asked.samples or SAMPLES[asked.size]
        shards = write_samples(f"{folder}/in", count, asked.shards, size=asked.size)
        figures = measure(asked.size, shards, folder, asked.rounds)
        size = sum(map(os.path.getsize, shards)) // count
        figures["images"] = {"count": count, "size": asked.size, "bytes": size}
    for name, value in figures["images_per_second"].items():
        print(f"{value:10.1f} images/s  {figures['pixelmill_is_times'].get(name, 1):6.2f}x  {name}")
    save(f"pipeline-{asked.size}", figures)


def measure(size: str, shards: list[str], folder: str, rounds: int) -> dict[str, object]:
    """Seconds of each rival and of the floor, round by round."""
    warmup()
    floors = {"codec floor": rivals.CodecFloor(shards)}
    others = dict(RIVALS)
    if size in NEVER_SCALED:
        del others["pixelmill, decode.scale exact"], others["webdataset + Pillow with draft"]
    else:
        floors["codec floor, scaled decode"] = rivals.CodecFloor(shards, scaled=True)
    count = len(floors["codec floor"].images)
    times: dict[str, list[float]] = {}
    parts: dict[str, list[tuple[float, float]]] = {name: [] for name in floors}
    for _ in range(rounds):
        for name, floor in floors.items():
            parts[name].append(floor.seconds())
            times.setdefault(name, []).append(sum(parts[name][-1]))
        for name, rival in others.items():
            times.setdefault(name, []).append(_seconds(rival, shards, f"{folder}/out", count))
    ours = times["pixelmill"]
    return {
        "images_per_second": {n: round(count / median(t), 1) for n, t in times.items()},
        "pixelmill_is_times": {
            n: round(median(b / a for a, b in zip(ours, t, strict=True)), 3)
            for n, t in times.items()
            if n != "pixelmill"
        },
        "milliseconds_an_image": {n: round(median(t) / count * 1e3, 3) for n, t in times.items()},
        "floor_decode_encode_ms": {
            n: [round(median(p[i] for p in pairs) / count * 1e3, 3) for i in (0, 1)]
            for n, pairs in parts.items()
        },
        "seconds": {n: [round(s, 3) for s in t] for n, t in times.items()},
    }


def _seconds(rival: rivals.Rival, shards: list[str], out: str, count: int) -> float:
    shutil.rmtree(out, ignore_errors=True)
    os.mkdir(out)
    start = perf_counter()
    done = rival(shards, out)
    seconds = perf_counter() - start
    assert done == count, f"{rival.__name__} wrote {done} of {count}"
    return seconds


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", choices=list(SAMPLES), default="imagenet")
    parser.add_argument("--samples", type=int, help="photographs, if not as many as suit the size")
    parser.add_argument("--shards", type=int, default=4)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--core", type=int, default=0)
    return parser.parse_args()


if __name__ == "__main__":
    main()
