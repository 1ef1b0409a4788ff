"""Jobs of 24 photographs, one of which is deadly."""

import tarfile
from pathlib import Path

import pytest

from pixelmill import Job


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
