"""Two runs at one folder: the second refuses while the first lives, and takes over when it died."""

import json
import os
import signal
import threading
import time
from dataclasses import asdict, replace

import pytest
from lives import committed, contents, job_of

import pixelmill
from pixelmill import holder, lease, storage
from pixelmill.errors import LeaseLost, OutputInUse
from pixelmill.holder import ourselves
from pixelmill.job import job_from
from pixelmill.retry import retry
from pixelmill.run import Watch
from pixelmill.status import status

QUICK = (0.1, 1.0)  # s, of a beat and a term


@pytest.fixture
def job(inputs, quick_path):
    return job_from(job_of("plain", inputs, quick_path / "out"))


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr(lease, "BEAT", QUICK[0])
    monkeypatch.setattr(lease, "TERM", QUICK[1])


class OnceBegun(Watch):
    """Does something in the middle of a run."""

    def __init__(self, deed):
        self.deed, self.events, self.failures = deed, [], []

    def finished(self, record):
        deed, self.deed = self.deed, lambda: None
        deed()

    def failed(self, message):
        self.failures.append(message)

    def event(self, event):
        self.events.append(event["event"])


def elsewhere(**more):
    """A run on another machine."""
    facts = {"host": "node-7", "machine": "node-7 and its kernel", "pid": 4711}
    return replace(ourselves(), **facts, **more)


def put_lease(folder, who, number=1):
    url = storage.join(str(folder), "lease", f"{number:06d}.json")
    assert storage.create(url, json.dumps(asdict(who)).encode().ljust(1024))
    return url


def test_a_second_run_refuses_and_names_the_first(job):
    def second():
        with pytest.raises(OutputInUse, match=rf"written by another run: process {os.getpid()} on"):
            pixelmill.run(job)
        with pytest.raises(OutputInUse, match="wait for it to end, stop it, or name another"):
            retry(job.output)

    assert pixelmill.run(job, OnceBegun(second)).exit_code == 0
    assert not storage.exists(storage.join(job.output, "lease"))
    assert retry(job.output).exit_code == 0


def test_status_tells_who_is_at_it_and_who_left_it(job, monkeypatch):
    def look():
        assert status(job.output).running.startswith(f"being written by process {os.getpid()} on")

    pixelmill.run(job, OnceBegun(look))
    assert status(job.output).running == ""
    put_lease(job.output, replace(ourselves(), began="long ago"))
    assert status(job.output).running.startswith("left by process")
    assert status(job.output).to_json()["holder"]["pid"] == os.getpid()


def test_a_run_on_another_machine_that_gives_signs_of_life_is_let_alone(job, quick):
    who, end = elsewhere(), threading.Event()
    url = put_lease(job.output, who)

    def live():
        now = who
        while not end.wait(0.2):
            now = now.alive()
            storage.rewrite(url, json.dumps(asdict(now)).encode().ljust(1024))

    thread = threading.Thread(target=live)
    thread.start()
    try:
        with pytest.raises(OutputInUse, match="process 4711 on node-7"):
            pixelmill.run(job)
    finally:
        end.set()
        thread.join()


@pytest.mark.parametrize("last", ["1970-01-01T00:00:00+00:00", "2999-01-01T00:00:00+00:00"])
def test_one_without_a_sign_of_life_is_outlived_whatever_the_clocks_say(job, quick, last):
    put_lease(job.output, elsewhere(last=last))
    watch = OnceBegun(lambda: None)
    assert pixelmill.run(job, watch).exit_code == 0
    assert "waiting" in watch.events
    assert not storage.exists(storage.join(job.output, "lease"))


def test_a_number_that_was_given_to_another_process_since_is_no_life(job):
    put_lease(job.output, replace(ourselves(), began="12345"))
    assert pixelmill.run(job).exit_code == 0


def test_a_half_written_lease_is_outlived_too(job, quick):
    assert storage.create(storage.join(job.output, "lease", "000001.json"), b'{"host": "no')
    assert pixelmill.run(job).exit_code == 0


@pytest.mark.parametrize("kind", ["plain", "shuffled"])
def test_a_run_that_lost_the_folder_stops_before_it_commits_anything(inputs, quick_path, kind):
    out = quick_path / "out"
    executor = {"kind": "inline", "workers": 1}
    job = job_from({**job_of(kind, inputs, out), "executor": executor})
    seen = {}

    def taken():
        put_lease(out, elsewhere(), number=2)
        seen.update(committed(out))

    watch = OnceBegun(taken)
    with pytest.raises(LeaseLost, match=r"lost the folder to process 4711 on node-7"):
        pixelmill.run(job, watch)
    assert watch.failures == []  # nor does it try, and tell of, one task after the other
    now = committed(out)
    # One more may have been between its last look and its record when the folder was taken.
    assert len(now) <= len(seen) + 1
    assert not (out / "manifest.json").exists()
    assert [path.name for path in (out / "lease").iterdir()] == ["000002.json"]


class AtItsEnd(OnceBegun):
    """Does something after the last of so many tasks."""

    def __init__(self, deed, tasks):
        super().__init__(deed)
        self.left = tasks

    def finished(self, record):
        self.left -= 1
        if not self.left:
            super().finished(record)


def test_a_run_that_lost_the_folder_after_its_last_task_writes_no_manifest(inputs, quick_path):
    """No task is left that would notice: the run has to look before it ends."""
    out = quick_path / "out"
    job = job_from(job_of("plain", inputs, out))
    watch = AtItsEnd(lambda: put_lease(out, elsewhere(), number=2), len(inputs))
    with pytest.raises(LeaseLost, match=r"lost the folder to process 4711 on node-7"):
        pixelmill.run(job, watch)
    assert len(committed(out)) == len(inputs)
    assert not (out / "manifest.json").exists()


def paused_and_outlived(warm, inputs, out, sabotage):
    """One run freezes before a record, another does the whole job, the first one thaws."""
    facts = job_of("plain", inputs, out)
    warm.start(facts, failpoint="record.put:2:stop", lease=QUICK, sabotage=sabotage)
    while (who := lease.holder_of(str(out))) is None or state(who.pid) != "T":
        time.sleep(0.02)
    report = pixelmill.run(job_from(facts))
    assert report.exit_code == 0
    before = committed(out), contents(out)
    os.kill(who.pid, signal.SIGCONT)
    return warm.wait(), before


def state(pid):
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0]


def test_a_run_that_was_frozen_and_outlived_notices_and_touches_nothing(
    warm, inputs, quick_path, quick
):
    out = quick_path / "out"
    ended, before = paused_and_outlived(warm, inputs, out, "elsewhere")
    assert ended.said.startswith("LeaseLost: ")
    assert "to another, which has ended" in ended.said
    assert (committed(out), contents(out)) == before
    assert not (out / "lease").exists()


def test_without_that_look_it_would_write_over_the_others_records(warm, inputs, quick_path, quick):
    """The protection taken out: the same story, and committed records are written again."""
    out = quick_path / "out"
    _, before = paused_and_outlived(warm, inputs, out, "elsewhere_and_blind")
    assert committed(out) != before[0]


def test_without_leases_two_runs_would_do_the_same_tasks(job, monkeypatch):
    """The protection taken out: nothing refuses the second run."""
    monkeypatch.setattr(lease, "_outlive", lambda *_: None)
    monkeypatch.setattr(lease.Claim, "expect_kept", lambda self: None)
    twice = []
    pixelmill.run(job, OnceBegun(lambda: twice.append(pixelmill.run(job))))
    assert twice[0].exit_code == 0


def test_where_processes_cannot_be_seen_a_term_is_waited(job, quick, monkeypatch):
    """No /proc, as on macOS: not even its own machine is known."""
    monkeypatch.setattr(holder, "this_machine", lambda: "")
    put_lease(job.output, ourselves())
    watch = OnceBegun(lambda: None)
    assert pixelmill.run(job, watch).exit_code == 0
    assert "waiting" in watch.events


@pytest.mark.s3
def test_a_lease_in_a_bucket_is_looked_at_with_one_request_and_seen_to_be_lost(s3, monkeypatch):
    folder = storage.join(s3.url, "leases")
    ours, mine = put_lease(folder, elsewhere()), lease.Claim(folder, 1)
    monkeypatch.setattr(lease, "_read", None)  # nothing but the listing is asked
    mine.expect_kept()
    monkeypatch.undo()
    theirs = put_lease(folder, elsewhere(), 2)
    with pytest.raises(LeaseLost, match="node-7"):
        mine.expect_kept()
    storage.remove(theirs)
    storage.remove(ours)
    with pytest.raises(LeaseLost, match="which has ended"):
        mine.expect_kept()
