"""Two runs of one task at once: whichever ends badly, and when, what the other committed stays."""

import threading

import pytest

from pixelmill import Job
from pixelmill.errors import StorageError, TaskFailed
from pixelmill.exchange.gather import Gathering
from pixelmill.exchange.stage import second_stage
from pixelmill.ledger import Ledger
from pixelmill.plan import make_plan
from pixelmill.run import finish, run, versions
from pixelmill.task import Stopped, Worker
from pixelmill.verify import verify


@pytest.fixture
def begun(photos, tmp_path):
    """A job with small shards, so that a task has several under their names before it ends."""
    job = Job(
        source=photos,
        output=tmp_path / "out",
        transforms=[{"resize": 32}],
        outputs=[{"name": "train", "shards": {"samples": 2}}],
        max_failures=99,
    )
    plan = make_plan(job)
    Ledger(job.output).begin(job, plan, versions())
    return job, plan


def stopping(worker, at):
    """Has the worker's task given up when it comes to its n-th sample."""
    pipeline, seen = worker.pipeline, []

    def then_stop(sample, hands):
        seen.append(sample)
        if len(seen) == at:
            worker.dismissed.update(worker.live)
        return pipeline(sample)

    worker.pipeline = then_stop


@pytest.mark.parametrize("at", [1, 4, 8])
def test_a_loser_that_is_dismissed_leaves_the_winners_files(begun, at):
    job, plan = begun
    winner, loser = Worker(job, sole=False), Worker(job, sole=False)
    for task in plan.tasks:
        winner(task)
    stopping(loser, at)
    for task in plan.tasks[:1]:
        with pytest.raises(Stopped):
            loser(task)
    assert_whole(job, plan)


def test_a_loser_that_fails_in_its_commit_leaves_the_winners_files(begun, monkeypatch):
    """It loses its storage after its shards are under their names, and before its record is."""
    job, plan = begun
    winner, loser = Worker(job, sole=False), Worker(job, sole=False)

    def cut_off(record):
        winner(plan.tasks[0])  # the other commits at just this moment
        raise StorageError("the network is down")

    monkeypatch.setattr(loser.ledger, "commit", cut_off)
    with pytest.raises(TaskFailed, match="the network is down"):
        loser(plan.tasks[0])
    for task in plan.tasks[1:]:
        winner(task)
    assert_whole(job, plan)


def test_a_loser_that_fails_after_its_quarantine_leaves_the_winners(begun, monkeypatch):
    job, plan = begun
    winner, loser = Worker(job, sole=False), Worker(job, sole=False)
    records = [winner(task) for task in plan.tasks]
    odd = next(i for i, record in enumerate(records) if record.quarantine)

    class Unbalanced:
        def __get__(self, tally, owner=None):
            return False

    with monkeypatch.context() as patch:
        patch.setattr("pixelmill.tally.Tally.balances", Unbalanced())
        with pytest.raises(TaskFailed, match="sums disagree"):
            loser(plan.tasks[odd])
    assert_whole(job, plan)


def test_two_runs_side_by_side_write_what_one_writes(begun, photos, tmp_path):
    job, plan = begun
    workers = [Worker(job, sole=False) for _ in range(2)]
    threads = [
        threading.Thread(target=worker, args=(task,)) for task in plan.tasks for worker in workers
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    version = assert_whole(job, plan)
    assert version == run(job.model_copy(update={"output": str(tmp_path / "one")})).version


def test_the_only_worker_of_a_task_that_ends_badly_leaves_nothing(begun, tmp_path):
    job, plan = begun
    worker = Worker(job)
    stopping(worker, 5)
    with pytest.raises(Stopped):
        worker(plan.tasks[0])
    assert list((tmp_path / "out").glob("*.tar")) == []


def assert_whole(job, plan):
    report = finish(job, plan, Ledger(job.output).records(), run(job))
    assert report.complete
    assert report.tally.balances
    assert verify(job.output).problems == []
    return report.version


@pytest.mark.parametrize("sole", [False, True])
def test_a_gathering_that_fails_leaves_the_winners_shard(photos, tmp_path, monkeypatch, sole):
    """Where it is the only worker it takes its own away: nothing without a record stays."""
    job = Job(
        source=photos, output=tmp_path / "out", transforms=[{"resize": 32}], shuffle=True,
        outputs=[{"shards": {"count": 2}}], max_failures=99,
    )  # fmt: skip
    plan = make_plan(job)
    ledger = Ledger(job.output)
    ledger.begin(job, plan, versions())
    for task in plan.tasks:
        Worker(job, sole=False)(task)
    first, _ = second_stage(job, ledger.records())
    close = Gathering.close

    def then_the_network_is_down(gathering, name):
        close(gathering, name)
        raise StorageError("the network is down")

    monkeypatch.setattr(Gathering, "close", then_the_network_is_down)
    with pytest.raises(TaskFailed, match="the network is down"):
        Worker(job, sole=sole)(first)
    assert (tmp_path / "out" / "train-000000.tar").exists() == (not sole)
    monkeypatch.undo()
    report = run(job)
    assert report.exit_code == 0
    assert verify(job.output).problems == []
