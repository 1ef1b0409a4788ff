"""Annotations of whole datasets, made here, in a process of their own whose memory is measured."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MIB = 1024  # of the KiB that the system counts


def measured(name, rows):
    """What indexing and telling so many rows took, as the benchmark measures it."""
    paths = [str(ROOT / "engine"), str(ROOT / "kernels"), str(ROOT)]
    words = ["-m", "bench.labels.datasets", "--one", name, str(rows)]
    done = subprocess.run(
        [sys.executable, *words],
        check=True,
        capture_output=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
    )
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("name", "rows"), [("coco", 100_000), ("openimages", 750_000)])
def test_memory_does_not_grow_with_the_annotations(name, rows):
    found = measured(name, rows)
    # Rows are ten times as large in memory as in their file, and of one partition there are
    # 16 to 32 MiB (labels/index.py); all of them at once would not fit.
    assert 10 * found["table_bytes"] > 512 * MIB * 1024
    assert found["peak_rss_kib"] - found["peak_rss_before_kib"] < 256 * MIB
