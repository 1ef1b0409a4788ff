"""A node that the network cuts off without a word, in a namespace of its own, and its return."""

import os
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.ray, pytest.mark.s3]

RELAY = Path(__file__).with_name("relay.py")
HERE, THERE = "10.77.0.1", "10.77.0.2"


def ip(*words, check=True):
    return subprocess.run(["ip", *words], check=check, capture_output=True, text=True)


@pytest.fixture(scope="module")
def far(request):
    """A namespace behind a cable of its own: this side is HERE, that side THERE."""
    name = f"pixelmill-{os.getpid()}"
    near, end = f"pm{os.getpid() % 10**6}a", f"pm{os.getpid() % 10**6}b"
    try:
        ip("netns", "add", name)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"network namespaces cannot be made here: {error}")
    try:
        ip("link", "add", near, "type", "veth", "peer", "name", end, "netns", name)
        ip("addr", "add", f"{HERE}/24", "dev", near)
        ip("link", "set", near, "up")
        for words in (f"addr add {THERE}/24 dev {end}", f"link set {end} up", "link set lo up"):
            ip("-n", name, *words.split())
        yield Far(name, end)
    finally:
        ip("netns", "del", name, check=False)
        ip("link", "del", near, check=False)


class Far:
    """The namespace, and the far end of its cable."""

    def __init__(self, name, end):
        self.name, self._end = name, end

    def start(self, *command, **more):
        return subprocess.Popen(["ip", "netns", "exec", self.name, *command], **more)

    def cut(self):
        """No packet passes, and nobody is told."""
        ip("-n", self.name, "link", "set", self._end, "down")

    def mend(self):
        ip("-n", self.name, "link", "set", self._end, "up")


def relay(start, *words):
    process = start(sys.executable, str(RELAY), *words, stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.fixture(scope="module")
def storage_from_there(far, s3):
    """The bucket under the name that it has here: from there over the cable."""
    port = s3.endpoint.rpartition(":")[2]
    here = relay(lambda *words, **more: subprocess.Popen(words, **more), HERE, port, "127.0.0.1")
    there = relay(far.start, "127.0.0.1", port, HERE)
    yield
    for process in (here, there):
        process.kill()
        process.communicate()


@pytest.fixture(scope="module")
def cluster(code, far, storage_from_there, quick_to_notice):
    """One node on this side, with the head, and one on that side."""
    from ray.cluster_utils import Cluster

    facts = {"num_cpus": 1, "include_dashboard": False, "object_store_memory": 100_000_000}
    cluster = Cluster(initialize_head=True, head_node_args=facts | {"node_ip_address": HERE})
    ray = Path(sys.executable).with_name("ray")
    where = f"--address={cluster.address}", f"--node-ip-address={THERE}"
    node = far.start(
        *(ray, "start", *where, "--num-cpus=1", "--object-store-memory=100000000", "--block"),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield cluster
    for process in [*psutil.Process(node.pid).children(recursive=True), node]:
        process.kill()
    node.wait()
    cluster.shutdown()


def test_a_node_that_is_cut_off_is_not_waited_for_and_does_no_harm_when_it_is_back(
    cluster, far, drive, undisturbed
):
    driver = drive(workers=2)
    driver.wait_until_joined(2)
    driver.wait_for(4)
    far.cut()
    driver.ends_as(undisturbed)
    assert len(driver.events("worker_lost")) == 1
    far.mend()
    time.sleep(6)  # what it had begun may now end there, in whatever way
    driver.assert_undisturbed(undisturbed)
