"""A sample that crashes, hangs or takes all memory, behind a guard, costs one sample."""

import json
import os
import subprocess
import sys
import tarfile
import threading
import time
from pathlib import Path

import pytest

import pixelmill
from pixelmill.errors import SampleError
from pixelmill.guard.ward import Asking, Ward
from pixelmill.ledger import Ledger
from pixelmill.memory import PixelBudget
from pixelmill.plan import make_plan
from pixelmill.retry import retry
from pixelmill.run import Watch
from pixelmill.sample import Sample
from pixelmill.task import Stopped, Worker


def ward_of(job):
    return Ward(job.model_dump(mode="json"))


def asking(seconds=60.0, look=lambda: None, size=2**30):
    return Asking(seconds, PixelBudget(size), look)


@pytest.fixture
def bytes_of_victim(photos, victim):
    with tarfile.open(photos[1]) as tar:
        return tar.extractfile(next(m for m in tar if m.name.startswith(victim))).read()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "reason", "said", "seconds"),
    [
        ("segfault", "crashed", "was ended by SIGSEGV", 60.0),
        ("abort", "crashed", "was ended by SIGABRT", 60.0),
        ("exit", "crashed", "ended itself with exit code 3", 60.0),
        ("hang", "timed_out", "was not done within 1 s", 1.0),
        ("hang_with_the_lock", "timed_out", "was not done within 1 s", 1.0),
    ],
)
def test_the_end_of_a_child_is_told_by_its_cause(
    deadly, victim, bytes_of_victim, how, reason, said, seconds
):
    ward = ward_of(deadly(how, first=()))
    try:
        with pytest.raises(SampleError, match=said) as told:
            ward.ask(Sample(victim, {"jpg": bytes_of_victim}), asking(seconds))
    finally:
        ward.end()
    assert told.value.reason == reason


@pytest.mark.slow
@pytest.mark.parametrize("isolate", ["suspects", "always"])
def test_compiling_a_kernel_is_no_work_on_the_sample_that_needs_it_first(deadly, isolate):
    """Here and behind a guard: it takes twice as long as a sample may."""
    job, watch = deadly("compile", first=(), sample_seconds=2, workers=1, isolate=isolate), Events()
    report = pixelmill.run(job, watch)
    assert report.tally.quarantined == {"undecodable": 1}
    assert [one for one in watch.seen if one["event"] == "guarded"] == []


@pytest.mark.slow
def test_memory_is_lent_by_the_guard_and_given_back(deadly, bytes_of_victim):
    """Seen from outside: while all of it is lent to another, the child waits for it."""
    ward, asked = ward_of(deadly("none")), asking(size=10)
    try:
        with asked.budget.lent(10):
            thread = threading.Thread(
                target=ward.ask, args=(Sample("other", {"jpg": bytes_of_victim}), asked)
            )
            thread.start()
            thread.join(3.0)
            assert thread.is_alive()
        thread.join(60.0)
        assert not thread.is_alive()
        with asked.budget.lent(10):
            pass
    finally:
        ward.end()


STARTS_A_WARD = """
import sys
from pixelmill.guard.ward import Asking, Ward
from pixelmill.job import read_job
from pixelmill.ledger import Ledger
from pixelmill.memory import PixelBudget
from pixelmill.plan import make_plan
from pixelmill.sample import Sample
ward = Ward(read_job(sys.argv[1]).model_dump(mode="json"))
def look(): print(ward._process._process.pid, ward._job is None, flush=True)
victim = Sample(sys.argv[2], {"jpg": open(sys.argv[3], "rb").read()})
ward.ask(victim, Asking(99, PixelBudget(9), look))
"""


@pytest.mark.slow
def test_a_child_does_not_outlive_its_guard(deadly, victim, bytes_of_victim, tmp_path):
    """Though it hangs, holding the interpreter's lock, and never sees its pipe closed."""
    job = json.dumps(deadly("hang_with_the_lock", first=()).model_dump(mode="json"))
    (tmp_path / "job.json").write_text(job)
    (tmp_path / "victim.jpg").write_bytes(bytes_of_victim)
    command = [sys.executable, "-c", STARTS_A_WARD, "job.json", victim, "victim.jpg"]
    path = os.pathsep.join(sys.path)
    with subprocess.Popen(
        command,
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": path},
    ) as guard:
        while (line := guard.stdout.readline()) and "True" not in line:
            continue
        child = int(line.split()[0])
        time.sleep(1.0)
        assert Path(f"/proc/{child}").exists()
        guard.kill()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.slow
def test_all_others_are_written_with_the_same_bytes(deadly, without, quarantined, photos, victim):
    free = deadly("none", "free", isolate="never")
    pixelmill.run(free)
    job = deadly("segfault", isolate="always")
    report = pixelmill.run(job)
    assert report.exit_code == 0
    assert report.tally.quarantined == {"undecodable": 1, "crashed": 1}
    assert report.tally.balances
    assert without(job.output) == without(free.output)
    kept = quarantined(job.output)
    why = json.loads(kept[f"{victim}.why.json"])
    assert why["reason"] == "crashed"
    for words in (victim, photos[1], "SIGSEGV", "once more alone", "update the decoder"):
        assert words in why["message"]
    with tarfile.open(photos[1]) as tar:
        for member in tar:
            if member.name.startswith(f"{victim}."):
                assert kept[member.name] == tar.extractfile(member).read()


@pytest.mark.slow
def test_a_sample_that_crashed_is_retried_behind_a_guard(deadly):
    """Here, in the process of the tests, which would not live to tell otherwise."""
    job = deadly("segfault", first=(), isolate="always", workers=1)
    pixelmill.run(job)
    job_file = Path(job.output, "job.yaml")
    job_file.write_text(job_file.read_text().replace("isolate: always", "isolate: suspects"))
    report = retry(job.output)
    assert report.tally.quarantined == {"undecodable": 1, "crashed": 1}


@pytest.mark.slow
def test_what_takes_more_memory_than_its_worker_has_is_out_of_memory(deadly):
    job = deadly("eat", first=(), isolate="always", workers=1, worker={"memory": "100MB"})
    report = pixelmill.run(job)
    assert report.exit_code == 0
    assert report.tally.quarantined == {"undecodable": 1, "out_of_memory": 1}


class Events(Watch):
    def __init__(self):
        self.seen = []

    def event(self, event):
        self.seen.append(event)


@pytest.mark.slow
def test_a_thread_that_hangs_is_left_alone_and_its_task_done(deadly, without, victim):
    free = deadly("none", "free", first=())
    pixelmill.run(free)
    job, watch = deadly("hang", first=(), sample_seconds=2, workers=1), Events()
    start = time.monotonic()
    report = pixelmill.run(job, watch)
    assert time.monotonic() - start < 100  # and not the thousand seconds of the thread
    assert report.exit_code == 0
    assert report.tally.quarantined == {"undecodable": 1, "timed_out": 1}
    assert without(job.output) == without(free.output)
    (told,) = [event for event in watch.seen if event["event"] == "guarded"]
    assert f"sample {victim} takes more than 2 s" in told["message"]
    assert list(Path(job.output).rglob(".pixelmill-tmp*")) == []


class Wakes:
    """Hangs in the third sample until it is told to go on."""

    go = threading.Event()
    seen = 0

    def __call__(self, sample):
        Wakes.seen += 1
        assert Wakes.seen != 3 or self.go.wait(60)
        return sample


def test_a_run_that_was_given_up_writes_nothing_when_it_wakes(photos, tmp_path):
    """Its core and its memory are another's by then, and so are the shards that it had written."""
    job = pixelmill.Job(
        source=photos,
        output=tmp_path / "out",
        transforms=[Wakes()],
        outputs=[{"shards": {"samples": 1}}],
    )
    plan = make_plan(job)
    Ledger(job.output).begin(job, plan, {})
    worker, ended = Worker(job), []

    def work():
        try:
            worker(plan.tasks[0])
        except Stopped as stopped:
            ended.append(stopped)

    thread = threading.Thread(target=work)
    thread.start()
    while Wakes.seen < 3:
        time.sleep(0.01)
    budget = worker.pipeline.budget
    assert budget._left < budget.size
    worker.live["000000"].abandon()
    assert budget._left == budget.size
    with worker.core(plan.tasks[1]):
        Wakes.go.set()
        thread.join(30)
    assert len(ended) == 1
    names = sorted(path.name for path in (tmp_path / "out").glob("*.tar"))
    assert names == ["train-000000-000.tar"]
    assert Ledger(job.output).records() == {}
    assert budget._left == budget.size
