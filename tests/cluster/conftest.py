"""A real cluster on this machine: a head without CPUs, nodes that come and go, an S3 server."""

import inspect
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import pixelmill
from pixelmill import Job, storage
from pixelmill.ledger import Ledger
from pixelmill.manifest import read_manifest
from pixelmill.verify import verify

ROOT = Path(__file__).parents[2]
SHARDS, SAMPLES = 12, 8


class Dawdle:
    """Takes a while over each sample, and a longer one on a node that is called slow."""

    def __init__(self, seconds: float):
        self.seconds = seconds

    def __call__(self, sample):
        import os
        import time

        time.sleep(self.seconds * float(os.environ.get("PIXELMILL_TEST_SLOWNESS", "1")))
        return sample


@pytest.fixture(scope="session")
def code(tmp_path_factory):
    """A user's module, and where nodes and drivers find it and this tree."""
    folder = tmp_path_factory.mktemp("code")
    (folder / "pixelmill_dawdle.py").write_text(inspect.getsource(Dawdle))
    path = os.pathsep.join([str(folder), str(ROOT / "engine"), str(ROOT / "kernels")])
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", path)
        patch.syspath_prepend(str(folder))
        yield folder


@pytest.fixture(scope="session")
def stored_photos(s3, tmp_path_factory):
    """Shards of photographs in a bucket."""
    from pixelmill.demo.samples import write_samples

    folder = str(tmp_path_factory.mktemp("small"))
    urls = []
    for path in write_samples(folder, SHARDS * SAMPLES, SHARDS, odd=True):
        urls.append(storage.join(s3.url, "nodes-in", Path(path).name))
        storage.write(urls[-1], Path(path).read_bytes())
    return urls


def facts(source, output, words=None, **executor):
    """A job whose task takes 0.8 s on one core, changed by these words."""
    steps = [{"pixelmill_dawdle:Dawdle": {"seconds": 0.1}}, {"resize": 64}]
    return {
        "source": source,
        "output": output,
        "transforms": [*steps, {"flip": {"probability": 0.5}}],
        "outputs": [{"name": "train", "shards": {"samples": 3}}],
        "max_failures": 99,
        "executor": {"kind": "ray", **executor},
        **(words or {}),
    }


class Driver:
    """`pixelmill run` in a process of its own."""

    def __init__(self, folder, address, source, output, words=None, **executor):
        self.output, self.tasks = output, SHARDS
        self._job, self._log = folder / "job.yaml", folder / "log.jsonl"
        self._errors = folder / "errors.txt"
        job = facts(source, output, words, ray_address=address, **executor)
        self._job.write_text(json.dumps(job))
        self.start()

    def start(self):
        command = [sys.executable, "-m", "pixelmill", "run", str(self._job), "--json"]
        with open(self._errors, "ab") as errors:
            self.process = subprocess.Popen(
                [*command, "--log", str(self._log)], stdout=subprocess.PIPE, stderr=errors
            )

    def wait_for(self, tasks, seconds=60):
        """Until so many tasks are committed."""
        deadline = time.monotonic() + seconds
        while self.committed() < tasks:
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < deadline, f"only {self.committed()} tasks: {self.told()}"
            time.sleep(0.2)

    def wait_until_joined(self, workers, seconds=60):
        deadline = time.monotonic() + seconds
        while not self._log.exists() or len(self.events("worker_joined")) < workers:
            assert self.process.poll() is None, self.told()
            assert time.monotonic() < deadline, self.told()
            time.sleep(0.2)

    def committed(self):
        return len(self._records("0"))

    def gathered(self):
        """Shards of the exchange that are committed."""
        return len(self._records("exchange-"))

    def _records(self, begin):
        try:
            found = storage.listing(storage.join(self.output, "ledger"))
        except FileNotFoundError:
            return []
        return [entry for entry in found if entry.url.rsplit("/", 1)[-1].startswith(begin)]

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.communicate()

    def report(self, seconds=90):
        out, _ = self.process.communicate(timeout=seconds)
        assert self.process.returncode == 0, self.told()
        return json.loads(out)

    def ends_as(self, version):
        """Its report: the same bytes as an undisturbed run's, and books that balance."""
        report = self.report()
        assert report["complete"]
        assert report["version"] == version
        self.assert_undisturbed(version)
        return report

    def assert_undisturbed(self, version):
        assert read_manifest(self.output)["version"] == version
        found = verify(self.output)
        assert found.problems == []
        assert found.tally.balances
        assert len(Ledger(self.output).records()) == self.tasks
        left = [entry.url for entry in storage.listing(self.output, recursive=True)]
        assert [url for url in left if ".pixelmill-tmp" in url] == []

    def events(self, name=None):
        lines = [json.loads(line) for line in self._log.read_text().splitlines()]
        return [line for line in lines if name in (None, line["event"])]

    def told(self):
        return self._errors.read_text()[-3000:]


def processes_of(node):
    """The processes of a node: its raylet and what that started."""
    try:
        raylet = psutil.Process(node.all_processes["raylet"][0].process.pid)
        return [raylet, *raylet.children(recursive=True)]
    except (KeyError, psutil.NoSuchProcess):
        return []


@pytest.fixture(scope="session")
def undisturbed(code, stored_photos, tmp_path_factory):
    """The version that one process makes of it, to which nothing happens."""
    out = str(tmp_path_factory.mktemp("inline") / "out")
    job = Job(**facts(stored_photos, out) | {"executor": {"kind": "inline"}})
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIXELMILL_TEST_SLOWNESS", "0")
        report = pixelmill.run(job)
    assert report.exit_code == 0
    return report.version


@pytest.fixture(scope="module")
def quick_to_notice():
    """Ray's own checks of its nodes, for clusters that are started from here on."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_health_check_period_ms", "1000")
        patch.setenv("RAY_health_check_timeout_ms", "2000")
        patch.setenv("RAY_health_check_failure_threshold", "3")
        yield


@pytest.fixture(scope="module")
def cluster(code, s3, quick_to_notice):
    """A head that runs no tasks; the environment of its nodes leads to the bucket."""
    from ray.cluster_utils import Cluster

    head = {"num_cpus": 0, "include_dashboard": False, "object_store_memory": 100_000_000}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    yield cluster
    cluster.shutdown()


@pytest.fixture
def nodes(cluster):
    """Adds nodes of one CPU; what is left of them goes away with the test."""
    added = []

    def add(**environment):
        node = cluster.add_node(
            num_cpus=1, object_store_memory=100_000_000, env_vars=environment or None
        )
        added.append(node)
        return node

    yield add
    for node in added:
        for process in processes_of(node):
            process.kill()
        if node in cluster.worker_nodes:
            cluster.remove_node(node, allow_graceful=False)


@pytest.fixture
def freeze():
    """Stops all processes of a node where they are: no signal that it is gone, only silence."""

    def stop(node):
        for process in processes_of(node):
            process.send_signal(signal.SIGSTOP)

    return stop


@pytest.fixture
def drive(cluster, stored_photos, s3, tmp_path, request):
    """Starts the job on the cluster, in a process of its own; it does not outlive the test."""
    drivers = []

    def start(words=None, **executor):
        output = storage.join(s3.url, request.node.name.partition("[")[0], tmp_path.name)
        drivers.append(Driver(tmp_path, cluster.address, stored_photos, output, words, **executor))
        return drivers[-1]

    yield start
    for driver in drivers:
        driver.kill()
