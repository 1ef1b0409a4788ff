"""Disks that are full, read-only or do not keep what they were given, and clocks that jump."""

import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest
from lives import JOBS, Torture, committed, contents, job_of, quick_folder
from warm import Warm

import pixelmill
from pixelmill.errors import NotAllowed
from pixelmill.job import job_from
from pixelmill.storage.urls import TEMPORARY


@pytest.fixture(scope="module")
def shimmed(inputs, tmp_path_factory):
    """Forks runs whose fsync and clock are ours."""
    folder = tmp_path_factory.mktemp("shim")
    if not shutil.which("cc"):
        pytest.skip("no C compiler makes the library that is preloaded")
    library, source = str(folder / "shim.so"), str(Path(__file__).with_name("shim.c"))
    subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source, "-ldl"], check=True)
    warm = Warm(job_of("plain", inputs, folder / "warm"), preload=library)
    yield warm
    warm.close()


@pytest.fixture(scope="module")
def job(shimmed, inputs):
    with tempfile.TemporaryDirectory(dir=quick_folder()) as folder:
        yield Torture(shimmed, "plain", inputs, folder)


@pytest.mark.parametrize("nth", [1, 2, 3, 6, 11, 20])
def test_a_disk_that_fails_fsync_is_told_and_what_it_lost_is_made_again(job, quick_path, nth):
    faulty = {"environ": {"SHIM_FSYNC": f"EIO:{nth}:1"}}
    ended = job.warm.run(job.job(quick_path / "out"), **faulty)
    assert ended.code != 0
    assert "Input/output error" in ended.said
    assert "writing" in ended.said
    assert str(quick_path / "out") in ended.said
    job.life([faulty])


def test_a_disk_that_never_syncs_commits_nothing(job, quick_path):
    ended = job.warm.run(job.job(quick_path / "out"), environ={"SHIM_FSYNC": "EIO:1:9999"})
    assert ended.code != 0
    assert committed(quick_path / "out") == {}
    assert contents(quick_path / "out") == {}


def test_without_that_look_the_loss_would_pass_as_success(job, quick_path):
    """The protection taken out: the answer of fsync is not looked at."""
    faulty = {"environ": {"SHIM_FSYNC": "EIO:6:1"}}
    assert job.warm.run(job.job(quick_path / "out"), sabotage="fsync_ignored", **faulty).code == 0


def test_a_file_system_whose_folders_know_no_fsync_is_written_to(job, quick_path):
    ended = job.warm.run(job.job(quick_path / "out"), environ={"SHIM_FSYNC": "EINVAL:dirs"})
    assert ended.code == 0
    assert contents(quick_path / "out") == job.expected


@pytest.mark.parametrize("seconds", [86400, -86400 * 365])
def test_a_wall_clock_that_jumps_changes_no_byte_and_costs_no_lease(job, quick_path, seconds):
    jumping = {"environ": {"SHIM_CLOCK": str(seconds)}, "lease": (0.01, 0.5)}
    ended = job.warm.run(job.job(quick_path / "out"), **jumping)
    assert ended.code == 0, ended.said
    assert contents(quick_path / "out") == job.expected
    job.life([{"failpoint": "record.put:2:kill", **jumping}])


@pytest.mark.parametrize("kind", JOBS)
@pytest.mark.parametrize("kilobytes", [4, 48, 140, 160, 180, 200, 230, 260])
def test_a_disk_that_fills_up_anywhere_is_told_and_the_job_goes_on_later(
    warm, inputs, quick_path, mounted, kind, kilobytes
):
    disk = mounted(f"size={kilobytes}k")
    out = disk / "out"
    ended = warm.run(job_of(kind, inputs, out))
    if ended.code != 0:
        assert "no room is left" in ended.said or "are free; free some" in ended.said
    assert [path for path in out.rglob("*") if path.name.startswith(TEMPORARY)] == []
    before = committed(out)
    subprocess.run(["mount", "-o", "remount,size=9m", str(disk)], check=True)
    assert warm.run(job_of(kind, inputs, out)).code == 0
    assert {name: committed(out)[name] for name in before} == before
    assert warm.run(job_of(kind, inputs, quick_path / "whole")).code == 0
    assert contents(out) == contents(quick_path / "whole")
    assert not (out / "lease").exists()


def test_a_read_only_folder_is_told_before_anything_runs(inputs, mounted):
    disk = mounted("size=1m")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(NotAllowed, match=rf"{disk}/out.* the file system is read-only"):
        pixelmill.run(job_from(job_of("plain", inputs, disk / "out")))


def test_a_finished_output_that_was_made_read_only_stays_as_it_is(inputs, mounted):
    disk = mounted("size=9m")
    job = job_from(job_of("plain", inputs, disk / "out"))
    pixelmill.run(job)
    before = contents(disk / "out"), committed(disk / "out")
    subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
    with pytest.raises(NotAllowed, match="read-only"):
        pixelmill.run(job)
    assert (contents(disk / "out"), committed(disk / "out")) == before
