"""The same job on Ray by this engine and by Ray Data: images a second, and the peak memory.

    python -m bench.scale.ray_data --samples 6000

tar -> decode -> shorter side 256 -> JPEG q90 4:2:0 -> tar, all on a local Ray of so many CPUs.
Each round is a process of its own, A B A B; the time is that of the job once Ray has started, and
the memory that of the whole process tree (shared pages counted once), sampled every half second.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from statistics import median
from time import perf_counter
from typing import Any

from bench.family import memory_watched
from bench.pipeline import rivals
from bench.pipeline.facts import save
from pixelmill.demo.samples import write_samples

os.environ |= {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
OBJECT_STORE = 512 << 20  # bytes; as much for each


def pixelmill(shards: Sequence[str], folder: str, cpus: int) -> int:
    """This engine on Ray."""
    executor = {"kind": "ray", "workers": cpus}
    return rivals.pixelmill_with(shards, folder, executor=executor)


def ray_data_opencv(shards: Sequence[str], folder: str, cpus: int) -> int:
    """read_webdataset -> map_batches -> write_webdataset, with OpenCV's INTER_AREA."""
    return _ray_data(shards, folder, rivals.opencv_resized())


def ray_data_pillow(shards: Sequence[str], folder: str, cpus: int) -> int:
    """The same with Pillow's bicubic, which is antialiased as ours."""
    return _ray_data(shards, folder, rivals.pillow_resized)


def ray_data_kernels(shards: Sequence[str], folder: str, cpus: int) -> int:
    """The same with this engine's codec and kernel: what is left is the framework."""
    return _ray_data(shards, folder, rivals.kernels_resized)


RIVALS = {
    "pixelmill": pixelmill,
    "Ray Data + OpenCV INTER_AREA": ray_data_opencv,
    "Ray Data + Pillow": ray_data_pillow,
    "Ray Data + pixelmill's kernels": ray_data_kernels,
}


def _ray_data(shards: Sequence[str], folder: str, resized: Callable[[bytes], bytes]) -> int:
    import ray

    def each(batch: dict[str, Any]) -> dict[str, Any]:
        return {**batch, "jpg": [resized(data) for data in batch["jpg"]]}

    ray.data.DataContext.get_current().enable_progress_bars = False
    # Its readers decode unless told not to, and its writer encodes what is encoded already.
    dataset = ray.data.read_webdataset(list(shards), decoder=None)
    dataset.map_batches(each, batch_size=64).write_webdataset(folder, encoder=None)
    return sum(1 for name in _written(folder) for _ in rivals.jpegs([name]))


def _written(folder: str) -> Iterator[str]:
    return (entry.path for entry in os.scandir(folder) if entry.name.endswith(".tar"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=6000)
    parser.add_argument("--shards", type=int, default=24)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--cpus", type=int, default=2)
    parser.add_argument("--one", choices=list(RIVALS), help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(_measured(asked.one, asked.folder, asked.samples, asked.cpus)))
        return
    with tempfile.TemporaryDirectory() as folder:
        write_samples(f"{folder}/in", asked.samples, asked.shards)
        rounds = [_round(asked, folder) for _ in range(asked.rounds)]
    figures = {
        "images": {"count": asked.samples, "size": "imagenet", "shards": asked.shards},
        "cpus": asked.cpus,
        **_figures(rounds),
    }
    print(json.dumps(figures, indent=1))
    save("scale-ray-data", figures)


def _round(asked: argparse.Namespace, folder: str) -> dict[str, dict[str, float]]:
    found = {}
    for name in RIVALS:
        command = [sys.executable, "-m", "bench.scale.ray_data", "--one", name]
        command += ["--folder", folder, "--samples", str(asked.samples), "--cpus", str(asked.cpus)]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        found[name] = json.loads(done.stdout.splitlines()[-1])
        print(f"{found[name]['rate']:8.1f} images/s {found[name]['peak_mb']:6.0f} MB  {name}")
    return found


def _figures(rounds: list[dict[str, dict[str, float]]]) -> dict[str, Any]:
    return {
        "images_per_second": {n: round(median(r[n]["rate"] for r in rounds), 1) for n in RIVALS},
        "peak_mb": {n: round(median(r[n]["peak_mb"] for r in rounds)) for n in RIVALS},
        "pixelmill_is_times": {
            n: round(median(r["pixelmill"]["rate"] / r[n]["rate"] for r in rounds), 2)
            for n in RIVALS
            if n != "pixelmill"
        },
        "rounds": rounds,
    }


def _measured(name: str, folder: str, samples: int, cpus: int) -> dict[str, float]:
    import ray

    shards = sorted(_written(f"{folder}/in"))
    ray.init(
        address="local",
        num_cpus=cpus,
        include_dashboard=False,
        object_store_memory=OBJECT_STORE,
        log_to_driver=False,
    )
    with tempfile.TemporaryDirectory(dir=folder) as out, memory_watched(os.getpid(), 0.5) as peak:
        start = perf_counter()
        done = RIVALS[name](shards, out, cpus)
        seconds = perf_counter() - start
    ray.shutdown()
    assert done == samples, f"{name} wrote {done} of {samples}"
    return {"rate": samples / seconds, "peak_mb": max(peak) / 1e6}


if __name__ == "__main__":
    main()
