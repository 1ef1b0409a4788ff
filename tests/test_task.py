"""Tasks and cores: who waits for what, and what is left of a task that was not done."""

import threading
import time

import pytest

from pixelmill import Job
from pixelmill.errors import TaskFailed
from pixelmill.ledger import Ledger
from pixelmill.plan import make_plan
from pixelmill.run import versions
from pixelmill.task import Stopped, Worker


@pytest.fixture
def begun(photos, tmp_path):
    """A job whose folder is claimed, and its tasks."""
    job = Job(source=photos, output=tmp_path / "out", transforms=[{"resize": 32}], max_failures=99)
    plan = make_plan(job)
    Ledger(job.output).begin(job, plan, versions())
    return job, plan.tasks


def test_a_record_tells_cores_time_from_waiting(begun):
    job, tasks = begun
    record = Worker(job)(tasks[0])
    assert {"decode", "encode", "write", "open", "commit"} <= record.seconds.keys()
    assert record.tally.read == 8
    assert record.peak_rss > 30e6
    assert Ledger(job.output).records() == {"000000": record}


def test_a_task_that_commits_leaves_its_core_to_the_next(begun, monkeypatch):
    """The first task hangs in its commit until the second one is done, on one core."""
    job, tasks = begun
    worker = Worker(job, cores=1)
    second_is_done = threading.Event()
    commit = worker.ledger.commit

    def slow_commit(record):
        if record.task == tasks[0].id:
            assert second_is_done.wait(20)
        commit(record)

    monkeypatch.setattr(worker.ledger, "commit", slow_commit)
    first = threading.Thread(target=worker, args=(tasks[0],))
    first.start()
    worker(tasks[1])
    second_is_done.set()
    first.join(20)
    assert set(Ledger(job.output).records()) == {"000000", "000001"}


def test_no_more_tasks_work_at_once_than_there_are_cores(begun, monkeypatch):
    job, tasks = begun
    worker = Worker(job, cores=1)
    at_work, most, lock = 0, 0, threading.Lock()
    pipeline = worker.pipeline

    def counted(sample, hands):
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        time.sleep(0.002)
        answer = pipeline(sample)
        with lock:
            at_work -= 1
        return answer

    worker.pipeline = counted
    threads = [threading.Thread(target=worker, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert most == 1
    assert len(Ledger(job.output).records()) == 3


def test_a_stopped_task_leaves_nothing(begun, tmp_path):
    job, tasks = begun
    stop = threading.Event()
    worker = Worker(job, stop)
    pipeline, seen = worker.pipeline, []

    def then_stop(sample, hands):
        seen.append(sample.key)
        if len(seen) == 3:
            stop.set()
        return pipeline(sample)

    worker.pipeline = then_stop
    with pytest.raises(Stopped):
        worker(tasks[0])
    assert len(seen) < 8
    left = {path.name for path in (tmp_path / "out").rglob("*") if path.is_file()}
    assert left == {"job.yaml", "inputs.json"}


def test_a_task_whose_output_cannot_be_written_says_so_and_leaves_nothing(begun, tmp_path):
    job, tasks = begun
    (tmp_path / "out" / "train-000001.tar").mkdir()  # a folder stands where the shard belongs
    with pytest.raises(TaskFailed, match=r"task 000001: .*train-000001\.tar"):
        Worker(job)(tasks[1])
    assert list((tmp_path / "out").rglob(".pixelmill-tmp*")) == []
    assert Ledger(job.output).records() == {}
