"""A node dies while samples change places: the bytes are those of an undisturbed run inline."""

import time

import pytest

import pixelmill
from pixelmill import Job

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.ray, pytest.mark.s3]

STEPS = [{"pixelmill_dawdle:Dawdle": {"seconds": 0.02}}, {"resize": 64}]
# Shards of 2 samples, so that the second stage takes some seconds.
SHUFFLED = {"samples": 2, "equal": True}
DRAWN = {"sample": {"balance": "cls"}}


def words(**more):
    outputs = [{"name": "train", "shards": SHUFFLED, **more}]
    return {"shuffle": True, "transforms": STEPS, "outputs": outputs}


@pytest.fixture
def inline(code, stored_photos, tmp_path):
    """What one process makes of it, to which nothing happens."""

    def made(words):
        facts = {"source": stored_photos, "output": str(tmp_path / "inline"), "max_failures": 99}
        report = pixelmill.run(Job(**facts, **words, executor={"kind": "inline"}))
        assert report.exit_code == 0
        return report

    return made


def wait_until(driver, ready, seconds=60):
    deadline = time.monotonic() + seconds
    while not ready():
        assert driver.process.poll() is None, driver.told()
        assert time.monotonic() < deadline, driver.told()
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("more", "gathered"), [({}, 0), (DRAWN, 5)], ids=["between the stages", "in the second, drawn"]
)
def test_a_node_killed_in_an_exchange_costs_no_sample(nodes, drive, inline, more, gathered):
    whole = inline(words(**more))
    nodes()
    nodes()
    victim = nodes()
    driver = drive(words(**more))
    driver.tasks = whole.tasks
    driver.wait_until_joined(3)
    driver.wait_for(12)
    wait_until(driver, lambda: driver.gathered() >= gathered)
    victim.kill_raylet()
    assert driver.gathered() < whole.tasks - 12  # it is not over
    report = driver.ends_as(whole.version)
    assert report["tally"] == whole.tally.to_json()
    assert victim.node_id in {event["node"] for event in driver.events("worker_lost")}
