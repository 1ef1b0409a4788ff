"""The command line: the process dies of a sample, and the job is done all the same."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import pixelmill
from pixelmill import inflight
from pixelmill.cli.supervise import MOST
from pixelmill.executors.inline import ATTEMPTS, InlineExecutor
from pixelmill.inflight import InFlight
from pixelmill.plan import make_plan

RUN = [sys.executable, "-m", "pixelmill", "run"]


@pytest.fixture
def command(tmp_path):
    """Runs a job as a shell would; the words of `before` come before the command."""

    def run(job, *more, before=()):
        (tmp_path / "job.json").write_text(json.dumps(job.model_dump(mode="json")))
        env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
        words = [*before, *RUN, tmp_path / "job.json", *more]
        return subprocess.Popen(
            [*map(str, words)], env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )

    return run


def ended(process):
    out, err = process.communicate(timeout=110)
    return process.returncode, out, err


@pytest.mark.slow
@pytest.mark.parametrize(
    ("how", "reason", "said"),
    [
        ("segfault", "crashed", "pixelmill was ended by SIGSEGV while these tasks ran: "),
        ("hang_with_the_lock", "timed_out", "pixelmill hung, in code that keeps"),
    ],
)
def test_a_sample_that_ends_the_process_is_the_only_one_lost(
    deadly, without, command, how, reason, said
):
    free = deadly("none", "free", first=())
    pixelmill.run(free)
    job = deadly(how, first=(), workers=1, sample_seconds=3)
    code, out, err = ended(command(job, "--json"))
    assert code == 0, err
    report = json.loads(out)
    assert report["tally"]["quarantined"] == {reason: 1, "undecodable": 1}
    assert report["tasks_done"] == 3
    assert said in err
    assert "000001" in err.partition("while these tasks ran: ")[2].partition(";")[0]
    assert without(job.output) == without(free.output)
    assert list(Path(job.output).rglob(".pixelmill-tmp*")) == []


@pytest.mark.slow
def test_a_task_that_ends_the_process_behind_a_guard_too_is_given_up_and_no_other(deadly, command):
    """Neither the guard nor a life of its own helps: the job goes on without it, and ends."""
    job = deadly("crash_the_job", first=(), workers=1)
    code, out, err = ended(command(job, "--json"))
    assert code == 1, err
    report = json.loads(out)
    assert report["tasks_done"] == 2
    (said,) = report["failed"]
    assert f"task 000001: the process died {ATTEMPTS} times while it ran" in said
    assert err.count("was ended by SIGSEGV while these tasks ran") == ATTEMPTS


CRASHES_FOR_EVER = """
import os
from pixelmill import inflight
from pixelmill.cli.supervise import supervise
supervise()
print("a life", flush=True)
with inflight.supervised.noted("000001"):
    os.abort() if inflight.supervised.restarts < 20 else None
"""


def test_what_its_executor_cannot_give_up_the_supervisor_does():
    """A task of which the process dies again and again, whatever is done about it."""
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, "-c", CRASHES_FOR_EVER]
    done = subprocess.run(command, env=env, capture_output=True, timeout=60, check=False)
    assert done.returncode == -signal.SIGABRT
    assert done.stdout.count(b"a life") == MOST + 1


def test_where_nothing_is_isolated_the_command_ends_as_the_process_did(deadly, command):
    code, _, _ = ended(command(deadly("abort", first=(), isolate="never")))
    assert code == -signal.SIGABRT


def test_a_crash_outside_of_any_task_is_no_reason_to_go_on(deadly, command, tmp_path):
    (tmp_path / "crashes.py").write_text("import os\nos.abort()\n")
    job = deadly("none").model_dump(mode="json")
    job["transforms"] = ["crashes:Never"]
    (tmp_path / "its.json").write_text(json.dumps(job))
    env = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), *sys.path])}
    done = subprocess.run([*RUN, tmp_path / "its.json"], env=env, timeout=60, check=False)
    assert done.returncode == -signal.SIGABRT


def child_of(process):
    """The process that works, once it does."""
    path = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    deadline = time.monotonic() + 30
    while not (words := path.read_text().split()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return int(words[0])


def wait_for(path):
    deadline = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_the_work_cleanly(deadly, command, number):
    job = deadly("hang", first=(), workers=2)
    process = command(job)
    wait_for(Path(job.output, "ledger", "000000.json"))
    process.send_signal(number)
    # The thread that hangs is waited for: a second signal says that it is not worth it.
    time.sleep(1.0)
    process.send_signal(number)
    code, _, _ = ended(process)
    assert code == 130


@pytest.mark.slow
def test_a_kill_on_purpose_stays_one(deadly, command):
    """Of the one that works: nothing begins again.  Of its supervisor: it does not outlive it."""
    job = deadly("hang", first=())
    process = command(job)
    child = child_of(process)
    wait_for(Path(job.output, "job.yaml"))
    os.kill(child, signal.SIGKILL)
    assert ended(process)[0] == -signal.SIGKILL
    process = command(job)
    child = child_of(process)
    process.kill()
    process.communicate()
    deadline = time.monotonic() + 10
    while Path(f"/proc/{child}").exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def small_memory():
    """Words that begin a process in a group of 700 MB; the kernel kills it beyond that."""
    group = Path("/sys/fs/cgroup/memory/pixelmill-test")
    try:
        group.mkdir()
        (group / "memory.limit_in_bytes").write_text(str(700 * 10**6))
    except OSError as error:
        pytest.skip(f"no group with a memory limit can be made here: {error}")
    code = (
        "import os, sys; open(sys.argv[1], 'w').write(str(os.getpid()));"
        "os.execv(sys.argv[2], sys.argv[2:])"
    )
    yield [sys.executable, "-c", code, group / "cgroup.procs"]
    deadline = time.monotonic() + 10
    while (group / "cgroup.procs").read_text() and time.monotonic() < deadline:
        time.sleep(0.05)
    group.rmdir()


@pytest.mark.slow
def test_what_the_kernel_kills_for_memory_is_one_sample(deadly, command, small_memory):
    job = deadly("eat", first=(), workers=1)
    code, out, err = ended(command(job, "--json", before=small_memory))
    assert code == 0, err
    report = json.loads(out)
    assert report["tally"]["quarantined"] == {"out_of_memory": 1, "undecodable": 1}
    assert report["tasks_done"] == 3
    assert "was killed by the system, for want of memory" in err


def test_a_task_that_is_no_better_alone_and_guarded_is_given_up(deadly, monkeypatch):
    job, notes = deadly("none"), InFlight()
    monkeypatch.setattr(inflight, "supervised", notes)
    notes.crashes["000001"] = ATTEMPTS
    tasks = make_plan(job).tasks
    with InlineExecutor(job) as executor:
        first = next(executor.results(tasks[1:2]))
    assert "task 000001: the process died 3 times while it ran" in str(first)


def test_a_task_is_noted_for_as_long_as_it_runs():
    notes = InFlight()
    with notes.noted("a"), notes.noted("train-000001"):
        assert notes.tasks == ["a", "train-000001"]
    assert notes.tasks == []
