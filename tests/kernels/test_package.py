"""The kernels can be installed without the engine."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

KERNELS = Path(__file__).parents[2] / "kernels"


@pytest.mark.slow
def test_the_kernels_are_a_package_of_their_own(tmp_path):
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=KERNELS, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("pixelmill_kernels-*.whl")
    with zipfile.ZipFile(wheel) as files:
        files.extractall(tmp_path / "alone")
        tops = {name.partition("/")[0] for name in files.namelist()}
    assert tops == {
        "pixelmill_kernels",
        wheel.name.removesuffix("-py3-none-any.whl") + ".dist-info",
    }
    code = (
        "import sys; sys.modules['pixelmill'] = None; sys.modules['ray'] = None\n"
        "import numpy as np; from pixelmill_kernels.geometry import crop\n"
        "print(crop(np.zeros((4, 4, 3), np.uint8), 1, 1, 2, 2).shape)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(tmp_path / "alone"), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "(2, 2, 3)"
