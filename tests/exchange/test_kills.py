"""A job that is killed anywhere, in either stage, ends as one that was left alone."""

import os
import random
import signal
import subprocess
import sys
import time

import pytest
from exchanged import Found, copying

import pixelmill
from pixelmill.job import write_job
from pixelmill.run import Watch
from pixelmill.verify import verify

WORDS = {"samples": 30, "equal": True}


class StopAfter(Watch):
    def __init__(self, count):
        self.left = count

    def finished(self, record):
        self.left -= 1
        if self.left == 0:
            raise KeyboardInterrupt


@pytest.mark.parametrize("shuffle", [False, True])
@pytest.mark.parametrize("workers", [1, 3])
@pytest.mark.parametrize("after", [1, 4, 5, 6, 9])  # the fifth ends stage 1, the ninth is the last
def test_a_job_stopped_after_any_task_goes_on_to_the_same_bytes(
    texts, tmp_path, shuffle, workers, after
):
    source = texts(30, 5, 41, 22, 8)
    whole = pixelmill.run(copying(source, tmp_path / "whole", WORDS, shuffle=shuffle))
    assert whole.done == 5 + 4
    job = copying(source, tmp_path / "out", WORDS, workers=workers, shuffle=shuffle)
    report = pixelmill.run(job, StopAfter(after))
    assert report.exit_code == 130
    assert not list((tmp_path / "out").rglob(".pixelmill-tmp*"))
    again = pixelmill.run(job)
    assert again.exit_code == 0
    assert again.version == whole.version
    assert len(again.records) + report.done == 9
    assert Found(tmp_path / "out").digests == Found(tmp_path / "whole").digests


@pytest.mark.parametrize("shuffle", [False, True])
def test_a_job_stopped_after_every_single_task_still_ends(texts, tmp_path, shuffle):
    source = texts(30, 5, 41)
    whole = pixelmill.run(copying(source, tmp_path / "whole", WORDS, shuffle=shuffle))
    job = copying(source, tmp_path / "out", WORDS, workers=1, shuffle=shuffle)
    for _ in range(8):
        report = pixelmill.run(job, StopAfter(1))
        if report.exit_code == 0:
            break
    assert report.version == whole.version
    assert verify(str(tmp_path / "out")).problems == []


def test_one_that_is_killed_while_it_tidies_up_is_whole(texts, tmp_path, monkeypatch):
    """The manifest is there, and half of the exchange."""
    from pixelmill import run

    def killed(job):
        (tmp_path / "out" / "exchange" / "train" / "000000-000.run").unlink()
        raise KeyboardInterrupt

    job = copying(texts(30, 30), tmp_path / "out", WORDS, shuffle=True)
    with monkeypatch.context() as patched:
        patched.setattr(run, "clear", killed)
        with pytest.raises(KeyboardInterrupt):
            pixelmill.run(job)
    report = pixelmill.run(job)
    assert report.records == []
    assert report.exit_code == 0
    assert not (tmp_path / "out" / "exchange").exists()
    assert verify(str(tmp_path / "out")).problems == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_a_job_killed_at_random_instants_ends_as_one_left_alone(photos, tmp_path, seed):
    """SIGKILL, ever later: in the plan, in both stages, in the draw between, in the manifest."""
    facts = {"untouched": False, "transforms": [{"resize": 2400}], "shuffle": True}
    source = list(photos)
    words = {"samples": 5, "equal": True, "last": "pad"}
    if seed:
        sample = {"balance": "cls", "samples": "largest"}
        facts["outputs"] = [{"shards": words, "sample": sample}]
    whole = pixelmill.run(copying(source, tmp_path / "whole", words, **facts))
    job = copying(source, tmp_path / "out", words, **facts)
    (tmp_path / "job.yaml").write_text(write_job(job, {}))
    command = [sys.executable, "-m", "pixelmill", "run", str(tmp_path / "job.yaml"), "--quiet"]
    here = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}  # the tree that is tested
    draw = random.Random(seed)
    out, killed, most = tmp_path / "out", 0, 7
    for turn in range(most):
        process = subprocess.Popen(
            command, stdout=subprocess.DEVNULL, start_new_session=True, env=here
        )
        wait_until_it_works(process, out)
        if turn + 1 < most:
            try:
                process.wait(draw.uniform(0, 0.1))
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                killed += 1
        if process.wait(100) == 0:
            break
    assert process.returncode == 0
    assert killed >= 3
    assert Found(out).digests == Found(tmp_path / "whole").digests
    assert verify(str(out)).problems == []
    assert pixelmill.run(job).version == whole.version


def wait_until_it_works(process, out):
    """Until it has written anything new; the interpreter's own start takes most of the time."""
    before = newest(out)
    while process.poll() is None and newest(out) == before:
        time.sleep(0.01)


def newest(folder):
    found = 0
    for path in folder.rglob("*"):
        try:
            found = max(found, path.stat().st_mtime_ns)
        except FileNotFoundError:
            continue
    return found
