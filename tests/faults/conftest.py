"""The folder itself is put on the path, so that its tests can share `warm` and `lives`."""

import sys
import tempfile
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def inputs(tmp_path_factory):
    from lives import write_inputs

    return write_inputs(tmp_path_factory.mktemp("kills") / "in")


@pytest.fixture
def quick_path():
    """As tmp_path, on a disk in memory where there is one."""
    from lives import quick_folder

    with tempfile.TemporaryDirectory(dir=quick_folder()) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def warm(inputs, tmp_path_factory):
    """A process that has everything imported and compiled, and forks one for each run."""
    from lives import JOBS, job_of
    from warm import Warm

    folder = tmp_path_factory.mktemp("warm")
    process = Warm(*(job_of(kind, inputs, folder / kind) for kind in JOBS))
    yield process
    process.close()
