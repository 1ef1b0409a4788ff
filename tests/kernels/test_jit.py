import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from time import perf_counter

import numba
import numpy as np
import pytest

from pixelmill_kernels import _jit, filters
from pixelmill_kernels.compiling import seconds_compiling

PACKAGE = Path(_jit.__file__).parent

MAKE_A_TABLE = """
from pixelmill_kernels import filters
from pixelmill_kernels._jit import times_compiled
filters.table(40, 20, "bicubic")
print(times_compiled(filters._fill))
"""


def run_copy(root):
    environment = {
        **os.environ,
        "PYTHONPATH": str(root),
        "PYTHONDONTWRITEBYTECODE": "1",
        "NUMBA_CACHE_DIR": str(root / "cache"),
    }
    command = [sys.executable, "-c", MAKE_A_TABLE]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.slow
def test_a_change_in_a_file_that_a_kernel_calls_renews_its_code(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / PACKAGE.name, ignore=shutil.ignore_patterns("__pycache__"))
    assert run_copy(tmp_path) == 1
    assert run_copy(tmp_path) == 0  # from the cache
    called = tmp_path / PACKAGE.name / "_llvm.py"
    called.write_text(called.read_text() + "# another line\n")
    assert run_copy(tmp_path) == 1


def test_kernels_release_the_gil_and_never_reorder_a_sum():
    options = filters._fill.targetoptions
    assert options["nogil"]
    assert not options.get("fastmath")


def test_compiling_is_timed_in_the_thread_that_pays_for_it():
    @numba.njit
    def slow_to_compile(values):
        return np.sort(values).sum()

    before = seconds_compiling()
    other = []
    thread = threading.Thread(target=lambda: other.append(seconds_compiling()))
    start = perf_counter()
    slow_to_compile(np.arange(3.0))
    took = perf_counter() - start
    thread.start()
    thread.join()
    assert 0.5 * took < seconds_compiling() - before <= took
    assert other == [0.0]
    before = seconds_compiling()
    slow_to_compile(np.arange(3.0))
    assert seconds_compiling() == before
