"""Killed on Ray: a worker at a step of its task, the driver while its workers live on."""

import os
import subprocess
import sys
import time

import psutil
import pytest
from lives import committed, contents, job_of

import pixelmill
from pixelmill.failpoint import VARIABLE
from pixelmill.job import job_from, write_job
from pixelmill.lease import holder_of
from pixelmill.run import Watch
from pixelmill.status import status
from pixelmill.verify import verify

pytestmark = [
    pytest.mark.ray,
    pytest.mark.slow,
    pytest.mark.timeout(240),
    # What Ray itself does on this Python: it leaves sockets and file handles to the collector.
    pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning"),
]
ON_RAY = {"kind": "ray", "workers": 2}


class Events(Watch):
    def __init__(self):
        self.lost = 0

    def event(self, event):
        self.lost += event["event"] == "worker_lost"


@pytest.fixture
def whole(warm, inputs, tmp_path):
    assert warm.run(job_of("plain", inputs, tmp_path / "whole")).code == 0
    return contents(tmp_path / "whole")


def test_a_worker_that_is_killed_right_before_its_record_is_replaced(
    inputs, tmp_path, whole, monkeypatch
):
    monkeypatch.setenv(VARIABLE, f"record.put:1:kill:{tmp_path / 'once'}")
    out, watch = tmp_path / "out", Events()
    report = pixelmill.run(job_from({**job_of("plain", inputs, out), "executor": ON_RAY}), watch)
    assert report.exit_code == 0, report.failed
    assert watch.lost == 1
    assert (tmp_path / "once").exists()
    assert contents(out) == whole
    assert verify(str(out)).problems == []


def test_a_driver_that_is_killed_leaves_workers_that_commit_nothing_once_another_has_begun(
    inputs, tmp_path, whole
):
    """They may still be at work: their lease is that of a run that is gone."""
    out = tmp_path / "out"
    slow = {**job_of("plain", inputs, out), "executor": ON_RAY}
    (tmp_path / "job.yaml").write_text(write_job(job_from(slow), {}))
    command = [sys.executable, "-m", "pixelmill", "run", str(tmp_path / "job.yaml"), "--quiet"]
    # One of them freezes before its record, and thaws when the driver is long gone.
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    here[VARIABLE] = f"record.put:1:stop:{tmp_path / 'once'}"
    tree = []
    driver = subprocess.Popen(command, env=here, stdout=subprocess.DEVNULL, start_new_session=True)
    try:
        frozen = frozen_below(driver)
        tree = psutil.Process(driver.pid).children(recursive=True)
        holder = holder_of(str(out)).pid
        assert holder in {process.pid for process in tree}  # the driver that is supervised
        driver.kill()
        driver.wait()
        gone([process for process in tree if process.pid == holder])
        assert status(str(out)).running.startswith(f"left by process {holder} on")
        report = pixelmill.run(job_from(job_of("plain", inputs, out)))
        assert report.exit_code == 0
        before = committed(out)
        for worker in frozen:
            if worker.is_running():
                worker.resume()
        psutil.wait_procs(frozen, timeout=10)
        assert committed(out) == before
        assert contents(out) == whole
        assert verify(str(out)).problems == []
    finally:
        driver.kill()
        for process in tree:
            if process.is_running():
                process.kill()


def gone(processes):
    """They end with their supervisor."""
    assert psutil.wait_procs(processes, timeout=30)[1] == []


def frozen_below(driver):
    """The processes under it that have stopped."""
    until = time.monotonic() + 90
    while time.monotonic() < until and driver.poll() is None:
        below = psutil.Process(driver.pid).children(recursive=True)
        stopped = [p for p in below if p.is_running() and p.status() == psutil.STATUS_STOPPED]
        if stopped:
            return stopped
        time.sleep(0.1)
    raise AssertionError("no worker came to its record")
