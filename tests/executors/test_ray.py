"""Real Ray: a local cluster of two workers, started once for this file."""

import inspect
import json
import subprocess
import sys
import tarfile
import time
from types import ModuleType

import pytest

import pixelmill
from pixelmill import Job
from pixelmill.errors import PixelmillError
from pixelmill.job import read_job
from pixelmill.run import Watch
from pixelmill.verify import verify

pytestmark = [pytest.mark.ray, pytest.mark.timeout(240)]

# What Ray itself does on this Python: it leaves sockets and file handles to the collector.
ignored = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


def job(photos, out, kind, **more):
    facts = {"transforms": [{"resize": 64}, {"flip": {"probability": 0.5}}], "max_failures": 10}
    return Job(
        **{"source": photos, "output": str(out), "executor": {"kind": kind}, **facts, **more}
    )


@ignored
def test_ray_writes_the_same_bytes_as_inline(cluster, photos, tmp_path):
    inline = pixelmill.run(job(photos, tmp_path / "inline", "inline"))
    on_ray = pixelmill.run(job(photos, tmp_path / "ray", "ray"))
    assert on_ray.executor == "ray"
    assert on_ray.workers == 2
    assert on_ray.exit_code == 0
    assert on_ray.version == inline.version
    assert verify(str(tmp_path / "ray")).problems == []


class SuicidalOnce:
    """Kills its worker the first time that it sees any sample: a crash in a codec, say."""

    def __init__(self, marker: str):
        self.marker = marker

    def __call__(self, sample):
        import os
        import signal

        try:
            os.close(os.open(self.marker, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return sample
        os.kill(os.getpid(), signal.SIGKILL)
        return sample


class Suicidal:
    """Kills its worker each time that it sees one of two keys."""

    def __init__(self, first: str, second: str):
        self.first, self.second = first, second

    def __call__(self, sample):
        import os
        import signal

        if sample.key in (self.first, self.second):
            os.kill(os.getpid(), signal.SIGKILL)
        return sample


@pytest.fixture
def transforms(tmp_path, monkeypatch):
    """A user's package, where the driver finds it and the workers must be told."""
    package = tmp_path / "code" / "pixelmill_tests"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    source = "\n\n".join(
        inspect.getsource(cls)
        for cls in (SuicidalOnce, Suicidal, HangsOnce, Hangs, KeepsTheLock, StopsItsWorker)
    )
    (package / "suicidal.py").write_text(source)
    monkeypatch.syspath_prepend(str(tmp_path / "code"))
    return "pixelmill_tests.suicidal"


@ignored
def test_a_task_whose_worker_was_killed_is_run_again(cluster, photos, tmp_path, transforms):
    steps = [{f"{transforms}:SuicidalOnce": {"marker": str(tmp_path / "died")}}]
    report = pixelmill.run(job(photos, tmp_path / "out", "ray", transforms=steps))
    assert (tmp_path / "died").exists()
    assert report.failed == []
    assert report.exit_code == 0
    assert report.tally.read == 24
    assert verify(str(tmp_path / "out")).problems == []


@ignored
def test_a_sample_that_kills_every_worker_is_the_only_one_lost(
    cluster, photos, tmp_path, transforms
):
    """It takes a worker with it the first time; then its task is guarded."""
    with tarfile.open(photos[1]) as tar:
        key = tar.getnames()[0].partition(".")[0]
    steps = [{f"{transforms}:Suicidal": {"first": key, "second": key}}]
    watch = Events()
    report = pixelmill.run(job(photos, tmp_path / "out", "ray", transforms=steps), watch)
    assert report.failed == []
    assert report.exit_code == 0
    assert report.done == 3
    assert report.tally.quarantined == {"undecodable": 1, "crashed": 1}
    assert "000001" in {event["task"] for event in watch.named("guarded")}
    (told,) = [event for event in watch.named("quarantined") if event["key"] == key]
    assert "SIGKILL" in told["message"]
    assert verify(str(tmp_path / "out")).problems == []


@ignored
def test_where_nothing_is_isolated_a_task_that_kills_every_worker_fails_alone(
    cluster, photos, tmp_path, transforms
):
    """It shares its worker with another task only the first time: the other two are done."""
    with tarfile.open(photos[1]) as tar:
        key = tar.getnames()[0].partition(".")[0]
    steps = [{f"{transforms}:Suicidal": {"first": key, "second": key}}]
    executor = {"kind": "ray", "isolate": "never"}
    report = pixelmill.run(
        job(photos, tmp_path / "out", "ray", transforms=steps, executor=executor)
    )
    assert report.exit_code == 1
    assert report.done == 2
    (said,) = report.failed
    assert "task 000001: its worker died 3 times" in said


@ignored
def test_ctrl_c_stops_the_actors_and_leaves_nothing_half(cluster, photos, tmp_path):
    class StopAtOnce(Watch):
        def finished(self, record):
            raise KeyboardInterrupt

    report = pixelmill.run(job(photos, tmp_path / "out", "ray"), StopAtOnce())
    assert report.exit_code == 130
    assert list((tmp_path / "out").rglob(".pixelmill-tmp*")) == []
    assert pixelmill.run(job(photos, tmp_path / "out", "inline")).exit_code == 0


@ignored
def test_a_cluster_that_does_not_answer_is_told_in_words(photos, tmp_path):
    """In a process of its own, since this one has a cluster already."""
    done = run_process(*photos, tmp_path / "out", "--ray-address", "127.0.0.1:1")
    assert done.returncode == 1
    assert "no Ray cluster answers at '127.0.0.1:1'" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_one_flag_runs_a_job_on_a_ray_of_its_own(photos, tmp_path):
    inline = pixelmill.run(job(photos, tmp_path / "inline", "inline"))
    facts = f"transforms: [{{resize: 64}}, {{flip: {{probability: 0.5}}}}]\nsource: {photos}\n"
    (tmp_path / "job.yaml").write_text(f"{facts}output: {tmp_path / 'ray'}\nmax_failures: 10\n")
    done = run_process(tmp_path / "job.yaml", "--ray", "--workers", 2, "--json")
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    assert report["executor"] == "ray"
    assert report["workers"] == 2
    assert report["version"] == inline.version


def run_process(*args):
    command = [sys.executable, "-m", "pixelmill", "run", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)


@ignored
def test_a_job_that_ray_began_is_finished_inline(cluster, photos, tmp_path):
    whole = pixelmill.run(job(photos, tmp_path / "whole", "inline"))
    out = tmp_path / "out"
    pixelmill.run(job(photos, out, "ray"))
    (out / "ledger" / "000001.json").unlink()
    (out / "train-000001.tar").unlink()
    again = pixelmill.run(job(photos, out, "inline"))
    assert [record.task for record in again.records] == ["000001"]
    assert again.version == whole.version


@ignored
@pytest.mark.parametrize("sample", [None, {"balance": "cls", "replacement": True}])
def test_an_exchange_on_ray_makes_the_same_shards_as_inline(cluster, photos, tmp_path, sample):
    outputs = [{"shards": {"samples": 5, "equal": True}, "sample": sample}]
    words = {"shuffle": True, "outputs": outputs}
    inline = pixelmill.run(job(photos, tmp_path / "inline", "inline", **words))
    on_ray = pixelmill.run(job(photos, tmp_path / "ray", "ray", **words))
    assert on_ray.executor == "ray"
    assert on_ray.exit_code == 0
    assert on_ray.done == on_ray.tasks == 3 + 5
    assert on_ray.version == inline.version
    assert verify(str(tmp_path / "ray")).problems == []


@ignored
@pytest.mark.parametrize(("after", "then"), [(2, "inline"), (5, "ray")])
def test_an_exchange_that_is_stopped_on_ray_goes_on(cluster, photos, tmp_path, after, then):
    """In the first stage, and in the second."""

    class StopAfter(Watch):
        left = after

        def finished(self, record):
            self.left -= 1
            if self.left == 0:
                raise KeyboardInterrupt

    words = {"shuffle": True, "outputs": [{"shards": {"count": 4, "last": "pad"}}]}
    whole = pixelmill.run(job(photos, tmp_path / "whole", "inline", **words))
    out = tmp_path / "out"
    report = pixelmill.run(job(photos, out, "ray", **words), StopAfter())
    assert report.exit_code == 130
    assert list(out.rglob(".pixelmill-tmp*")) == []
    again = pixelmill.run(job(photos, out, then, **words))
    assert again.exit_code == 0
    assert again.version == whole.version


class HangsOnce:
    """Never comes back from the first sample that it sees."""

    def __init__(self, marker: str):
        self.marker = marker

    def __call__(self, sample):
        import os
        import time

        try:
            os.close(os.open(self.marker, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return sample
        time.sleep(600)
        return sample


class Events(Watch):
    def __init__(self):
        self.seen = []

    def event(self, event):
        self.seen.append(event)

    def named(self, name):
        return [event for event in self.seen if event["event"] == name]


@ignored
def test_a_task_that_hangs_is_named_and_run_elsewhere(cluster, photos, tmp_path, transforms):
    steps = [{f"{transforms}:HangsOnce": {"marker": str(tmp_path / "hung")}}]
    watch = Events()
    executor = {"kind": "ray", "stall": 4}
    report = pixelmill.run(
        job(photos, tmp_path / "out", "ray", transforms=steps, executor=executor), watch
    )
    assert report.failed == []
    assert report.exit_code == 0
    (stalled,) = watch.named("stalled")
    assert stalled["shard"] in photos
    assert f"task {stalled['task']} ({stalled['shard']}) has not moved for" in stalled["message"]
    assert stalled["worker"] in stalled["message"]
    assert stalled["node"][:12] in stalled["message"]
    assert verify(str(tmp_path / "out")).problems == []
    assert list((tmp_path / "out").rglob(".pixelmill-tmp*")) == []


class Hangs:
    """Never comes back from one sample."""

    def __init__(self, key: str):
        self.key = key

    def __call__(self, sample):
        import time

        if sample.key == self.key:
            time.sleep(600)
        return sample


def hung_alone(photos, out, step, seconds):
    """The key that the step hangs on, the only one lost beside the bad one, and what was told."""
    with tarfile.open(photos[1]) as tar:
        key = tar.getnames()[0].partition(".")[0]
    executor = {"kind": "ray", "sample_seconds": seconds}
    watch = Events()
    report = pixelmill.run(
        job(photos, out, "ray", transforms=[{step: {"key": key}}], executor=executor), watch
    )
    assert report.failed == []
    assert report.exit_code == 0
    assert report.tally.quarantined == {"undecodable": 1, "timed_out": 1}
    return key, watch


@ignored
@pytest.mark.slow
def test_a_sample_that_hangs_is_the_only_one_lost(cluster, photos, tmp_path, transforms):
    key, watch = hung_alone(photos, tmp_path / "out", f"{transforms}:Hangs", 4)
    assert any(f"sample {key} in hand" in event["message"] for event in watch.named("stalled"))


class KeepsTheLock:
    """Nothing in Python runs any more in the process that has this sample."""

    def __init__(self, key: str):
        self.key = key

    def __call__(self, sample):
        import ctypes

        if sample.key == self.key:
            ctypes.PyDLL(None).sleep(1000)
        return sample


@ignored
@pytest.mark.slow
def test_a_sample_that_keeps_the_interpreters_lock_is_the_only_one_lost(
    cluster, photos, tmp_path, transforms
):
    """Its worker answers nothing, and ends itself: before its silence would be noticed."""
    _, watch = hung_alone(photos, tmp_path / "out", f"{transforms}:KeepsTheLock", 8)
    assert not any("not answered" in event["message"] for event in watch.named("worker_lost"))


class StopsItsWorker:
    """Stops its process in the middle of the first sample, as a frozen machine would."""

    def __init__(self, marker: str):
        self.marker = marker

    def __call__(self, sample):
        import os
        import signal

        try:
            os.close(os.open(self.marker, os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return sample
        os.kill(os.getpid(), signal.SIGSTOP)
        return sample


@ignored
def test_a_worker_that_does_not_answer_is_given_up(
    cluster, photos, tmp_path, transforms, monkeypatch
):
    """Ray's keepalive would notice, too, if later: here it is our own deadline."""
    monkeypatch.setattr("pixelmill.executors.ray.SILENCE", 3.0)
    steps = [{f"{transforms}:StopsItsWorker": {"marker": str(tmp_path / "stopped")}}]
    watch = Events()
    report = pixelmill.run(job(photos, tmp_path / "out", "ray", transforms=steps), watch)
    assert report.exit_code == 0
    (lost,) = watch.named("worker_lost")
    assert "has not answered for 3 s" in lost["message"]
    assert verify(str(tmp_path / "out")).problems == []


@ignored
def test_a_bad_sample_is_told_with_its_key_shard_and_worker(cluster, photos, tmp_path):
    watch = Events()
    report = pixelmill.run(job(photos, tmp_path / "out", "ray"), watch)
    told = watch.named("quarantined")
    assert len(told) == report.tally.quarantined.total() > 0
    workers = {event["worker"]: event["node"] for event in watch.named("worker_joined")}
    for event in told:
        assert event["key"]
        assert any(event["shard"].startswith(shard) for shard in photos)
        assert workers[event["worker"]] == event["node"]


@ignored
def test_workers_ask_for_what_the_job_says(cluster, photos, tmp_path):
    executor = {"kind": "ray", "worker": {"cpus": 2, "memory": "300MB"}}
    report = pixelmill.run(job(photos, tmp_path / "out", "ray", executor=executor))
    assert report.exit_code == 0
    assert report.workers == 1  # the cluster has two CPUs
    assert len({record.worker for record in report.records}) == 1


@ignored
def test_a_worker_that_cannot_start_is_no_endless_wait(cluster, photos, tmp_path):
    """Its module is there for the driver alone, as on a cluster whose image is an old one."""
    module = ModuleType("pixelmill_only_here")
    module.Nothing = type("Nothing", (), {"__call__": lambda self, sample: sample})
    module.Nothing.__module__ = "pixelmill_only_here"
    sys.modules["pixelmill_only_here"] = module
    steps = ["pixelmill_only_here:Nothing"]
    with pytest.raises(PixelmillError, match=r"no worker starts .*cannot be imported"):
        pixelmill.run(job(photos, tmp_path / "out", "ray", transforms=steps))


@pytest.mark.slow
@pytest.mark.parametrize("committed", [2, 4])  # of three tasks, and of five that gather
def test_an_exchange_whose_driver_was_killed_goes_on_inline(photos, tmp_path, committed):
    facts = f"transforms: [{{resize: 900}}]\nsource: {photos}\nshuffle: true\nmax_failures: 10\n"
    facts += "outputs: [{shards: {samples: 5, equal: true}}]\n"
    for name in ("ray", "whole"):
        (tmp_path / f"{name}.yaml").write_text(f"{facts}output: {tmp_path / name}\n")
    command = [sys.executable, "-m", "pixelmill", "run", tmp_path / "ray.yaml", "--ray", "--quiet"]
    driver = subprocess.Popen([*map(str, command), "--workers", "2"], stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 90
    while len(list(tmp_path.glob("ray/ledger/*[0-9].json"))) < committed:
        assert driver.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.002)
    driver.kill()
    driver.wait()
    time.sleep(1)  # its actors end with it
    assert not (tmp_path / "ray" / "manifest.json").exists()
    reports = [pixelmill.run(read_job(tmp_path / f"{name}.yaml")) for name in ("ray", "whole")]
    assert [report.exit_code for report in reports] == [0, 0]
    assert reports[0].version == reports[1].version
    assert len(reports[0].records) < len(reports[1].records) == 8
