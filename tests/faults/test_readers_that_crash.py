"""A reader that crashes in a shard: what lies behind that place is lost, and nothing else."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import pixelmill
from pixelmill import Job
from pixelmill.errors import InputMissing, ShardError
from pixelmill.guard import Reading
from pixelmill.sources import Part, open_source

CRASHES = Path(__file__).parent / "crashes"
AFTER = 2  # samples that are read before


@pytest.fixture
def job(photos, tmp_path):
    def make(out="out", **executor):
        return Job(
            source=photos,
            output=str(tmp_path / out),
            transforms=[{"resize": 64}],
            max_failures=10,
            executor={"kind": "inline", "workers": 2, **executor},
        )

    return make


@pytest.fixture
def crashing(photos, monkeypatch):
    """Makes readers crash in the processes that are started from now on."""
    path = os.pathsep.join([str(CRASHES), *sys.path])
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.setattr(sys, "path", [str(CRASHES), *sys.path])
    monkeypatch.setenv("PIXELMILL_TEST_CRASH", f"{Path(photos[1]).name}:{AFTER}")


def members(folder, task):
    found = {}
    for path in sorted(Path(folder).glob(f"*{task}*.tar")):
        with tarfile.open(path) as tar:
            found |= {member.name: tar.extractfile(member).read() for member in tar}
    return found


def expect_one_shard_broken_off(report, job, photos, free):
    """All others are whole, and the samples before the crash are written, with the same bytes."""
    (said,) = report["damaged"]
    assert f"{photos[1]}: reading it broke off after {AFTER} samples: its process was" in said
    assert "ended by SIGSEGV" in said
    assert report["tasks_done"] == 3
    assert report["failed"] == []
    assert report["complete"]
    assert report["exit_code"] == 1  # as of any shard that breaks off
    for task in ("000000", "000002"):
        assert members(job.output, task) == members(free.output, task)
    kept, whole = members(job.output, "000001"), members(free.output, "000001")
    assert 0 < len(kept) < len(whole)
    assert kept.items() <= whole.items()


@pytest.mark.slow
def test_read_apart_a_crash_costs_what_lies_behind_it(job, photos, crashing):
    free = job("free")
    pixelmill.run(free)
    apart = job(isolate="always")
    expect_one_shard_broken_off(pixelmill.run(apart).to_json(), apart, photos, free)


@pytest.mark.slow
@pytest.mark.parametrize(
    "kind", ["inline", pytest.param("ray", marks=[pytest.mark.ray])], ids=["inline", "ray"]
)
def test_the_process_dies_once_of_it_and_the_job_goes_on(job, photos, crashing, tmp_path, kind):
    free = job("free")
    pixelmill.run(free)
    dies = job(kind=kind, workers=1)
    (tmp_path / "job.json").write_text(json.dumps(dies.model_dump(mode="json")))
    command = [sys.executable, "-m", "pixelmill", "run", tmp_path / "job.json", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=110, check=False)
    assert done.returncode == 1, done.stderr
    expect_one_shard_broken_off(json.loads(done.stdout), dies, photos, free)
    if kind == "inline":
        assert done.stderr.count("was ended by SIGSEGV while these tasks ran") == 1


def reading(job, seconds=60.0, look=lambda: None):
    return Reading(job.model_dump(mode="json"), of_source=True, seconds=seconds, look=look)


def test_what_is_read_apart_is_what_is_read(job, photos):
    source = open_source(photos, "webdataset")
    part = source.parts()[0]
    assert list(reading(job())(part)) == list(source.read(part))


@pytest.mark.parametrize(("name", "error"), [("cut", ShardError), ("no-such", InputMissing)])
def test_an_error_of_a_reader_is_the_same_apart(job, photos, tmp_path, name, error):
    (tmp_path / "cut.tar").write_bytes(Path(photos[0]).read_bytes()[:5000])
    part = Part(str(tmp_path / f"{name}.tar"), 5000, "")
    with pytest.raises(error, match=rf"{name}\.tar") as apart:
        list(reading(job())(part))
    with pytest.raises(error) as here:
        list(open_source(photos, "webdataset").read(part))
    assert str(apart.value) == str(here.value)


def test_who_stops_the_job_ends_the_process(job, photos):
    class Enough(Exception):
        pass

    def look():
        raise Enough

    part = open_source(photos, "webdataset").parts()[0]
    with pytest.raises(Enough):
        list(reading(job(), look=look)(part))


def test_a_reader_that_hangs_is_given_up(job, tmp_path):
    os.mkfifo(tmp_path / "never.tar")
    part = Part(str(tmp_path / "never.tar"), 1, "")
    with pytest.raises(ShardError, match=r"never\.tar: .* after 0 samples: it was not done within"):
        list(reading(job(), seconds=0.5)(part))
