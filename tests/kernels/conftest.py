"""What the tests of kernels share: a machine with narrower vectors than this one."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pixelmill_kernels

ROOT = Path(pixelmill_kernels.__file__).parents[1]


@pytest.fixture
def on_another_machine(tmp_path):
    """Runs code with kernels compiled for another processor, and gives what it prints.

    nehalem: SSE4.2 without fma.  ivybridge: AVX without fma.  haswell: AVX2 with it.
    """

    def run(cpu, code, *folders):
        environment = os.environ | {
            "NUMBA_CPU_NAME": cpu,
            "NUMBA_CPU_FEATURES": "",
            "NUMBA_CACHE_DIR": str(tmp_path),
            "PYTHONPATH": os.pathsep.join(map(str, (ROOT, *folders))),
        }
        command = [sys.executable, "-c", code]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    return run


@pytest.fixture
def on_this_machine():
    """Runs such code here, and gives what it prints."""

    def run(code):
        printed = []
        exec(code, {"print": printed.append})
        return printed[0]

    return run
