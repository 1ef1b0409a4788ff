"""Real Ray: a local cluster of two workers, started once for this file."""

import logging

import pytest

import pixelmill
from pixelmill import Job
from pixelmill.verify import verify

pytestmark = [pytest.mark.ray, pytest.mark.timeout(240)]

# What Ray itself does on this Python: it leaves sockets and file handles to the collector.
ignored = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")


@pytest.fixture(scope="module")
def cluster():
    import ray

    ray.init(
        address="local",
        num_cpus=2,
        include_dashboard=False,
        log_to_driver=False,
        logging_level=logging.ERROR,
        object_store_memory=100_000_000,
    )
    yield ray
    ray.shutdown()


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


@ignored
def test_a_task_whose_worker_was_killed_is_run_again(cluster, photos, tmp_path, monkeypatch):
    steps = [{"pixelmill_tests.suicidal:SuicidalOnce": {"marker": str(tmp_path / "died")}}]
    package = tmp_path / "code" / "pixelmill_tests"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    import inspect

    (package / "suicidal.py").write_text(inspect.getsource(SuicidalOnce))
    monkeypatch.syspath_prepend(str(tmp_path / "code"))
    report = pixelmill.run(job(photos, tmp_path / "out", "ray", transforms=steps))
    assert (tmp_path / "died").exists()
    assert report.failed == []
    assert report.exit_code == 0
    assert report.tally.read == 24
    assert verify(str(tmp_path / "out")).problems == []


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
