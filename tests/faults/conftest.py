"""The folder itself is put on the path, so that its tests can share `warm` and `lives`.

Beside that, jobs of 24 photographs, one of which is deadly.
"""

import sys
import tarfile
import tempfile
from pathlib import Path

import pytest

from pixelmill import Job

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


@pytest.fixture(scope="session")
def victim(photos):
    """The second sample of the second shard."""
    with tarfile.open(photos[1]) as tar:
        keys = list(dict.fromkeys(name.partition(".")[0] for name in tar.getnames()))
    return keys[1]


@pytest.fixture
def deadly(photos, victim, tmp_path, monkeypatch):
    """Makes the job in which that sample ends its process so."""
    monkeypatch.syspath_prepend(str(Path(__file__).parent))

    def job(how, out="out", first=({"resize": 64},), **executor):
        return Job(
            source=photos,
            output=str(tmp_path / out),
            transforms=[*first, {"deadly:Deadly": {"key": victim, "how": how}}],
            max_failures=10,
            executor={"kind": "inline", **executor},
        )

    return job


@pytest.fixture
def without(victim):
    """Every sample of an output, but that one: {key: {field: bytes}}."""

    def read(folder):
        found = {}
        for path in sorted(Path(folder).glob("*.tar")):
            with tarfile.open(path) as tar:
                for member in tar:
                    found[member.name] = tar.extractfile(member).read()
        return {name: data for name, data in found.items() if not name.startswith(f"{victim}.")}

    return read


@pytest.fixture
def quarantined():
    """What is in the quarantine of an output: {name: bytes}."""

    def read(folder):
        found = {}
        for path in sorted(Path(folder, "quarantine").glob("*.tar")):
            with tarfile.open(path) as tar:
                found |= {member.name: tar.extractfile(member).read() for member in tar}
        return found

    return read
