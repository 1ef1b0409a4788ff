"""How soon the first shard is there, from a cold and from a warm kernel cache, and the peak memory.

    python -m bench.pipeline.start

Each figure is of a process of its own: `pixelmill run` over shards of 100 MB.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter, sleep

from bench.pipeline.facts import save
from pixelmill.demo.samples import write_samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=3800, help="107 KB each")
    parser.add_argument("--shards", type=int, default=4)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_samples(f"{folder}/small", 80, 4)
        shards = write_samples(f"{folder}/large", asked.samples, asked.shards)
        cache = Path(folder, "cache")
        cold = _first_shard(f"{folder}/small", folder, cache)
        warm = [_first_shard(f"{folder}/small", folder, cache) for _ in range(3)]
        peaks = {n: _peak_rss(f"{folder}/large", folder, cache, n) for n in (1, 2)}
        size = max(map(os.path.getsize, shards))
    figures = {
        "first_shard_seconds": {"cold": round(cold, 2), "warm": [round(s, 2) for s in warm]},
        "peak_rss_bytes_by_workers": peaks,
        "largest_input_shard_bytes": size,
    }
    print(figures)
    save("pipeline-start", figures)


def _run(source: str, out: str, cache: Path, workers: int) -> list[str]:
    os.environ["NUMBA_CACHE_DIR"] = str(cache)
    return [
        *(sys.executable, "-m", "pixelmill", "run", source, out, "--resize", "256", "--quiet"),
        *("--executor", "inline", "--workers", str(workers)),
    ]


def _first_shard(source: str, folder: str, cache: Path) -> float:
    """Seconds from the start of the process until a shard is seen under its final name."""
    out = Path(folder, "out")
    shutil.rmtree(out, ignore_errors=True)
    start = perf_counter()
    process = subprocess.Popen(_run(source, str(out), cache, 2), stdout=subprocess.DEVNULL)
    while not list(out.glob("train-*.tar")):
        assert process.poll() in (None, 0), "the run failed"
        sleep(0.01)
    seconds = perf_counter() - start
    assert process.wait() == 0
    return seconds


def _peak_rss(source: str, folder: str, cache: Path, workers: int) -> int:
    out = Path(folder, "out")
    shutil.rmtree(out, ignore_errors=True)
    process = subprocess.Popen(_run(source, str(out), cache, workers), stdout=subprocess.DEVNULL)
    _, code, usage = os.wait4(process.pid, 0)
    assert code == 0, "the run failed"
    return usage.ru_maxrss * 1024


if __name__ == "__main__":
    main()
