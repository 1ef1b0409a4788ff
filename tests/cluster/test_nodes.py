"""Nodes join, die, freeze and crawl, and drivers die: the bytes are those of an undisturbed run."""

import json

import pytest

pytestmark = [pytest.mark.cluster, pytest.mark.slow, pytest.mark.ray, pytest.mark.s3]


def test_nodes_that_join_are_put_to_work(nodes, drive, undisturbed):
    nodes()
    driver = drive()
    driver.wait_for(1)
    nodes()
    nodes()
    report = driver.ends_as(undisturbed)
    assert report["workers"] == 3
    assert len({event["node"] for event in driver.events("worker_joined")}) == 3


def test_the_tasks_of_a_killed_node_are_run_elsewhere(nodes, drive, undisturbed):
    nodes()
    victim = nodes()
    driver = drive()
    driver.wait_for(3)
    victim.kill_raylet()
    driver.ends_as(undisturbed)
    (lost,) = driver.events("worker_lost")
    assert lost["node"] == victim.node_id


def test_a_driver_that_was_killed_goes_on_where_it_was(nodes, drive, undisturbed):
    nodes()
    nodes()
    driver = drive()
    driver.wait_for(4)
    driver.kill()
    done = driver.committed()
    driver.start()
    driver.ends_as(undisturbed)
    first, second = driver.events("begun")
    assert first["done"] == 0
    assert 4 <= done <= second["done"] < second["tasks"]


def test_a_node_that_freezes_is_not_waited_for(nodes, freeze, drive, undisturbed):
    nodes()
    frozen = nodes()
    driver = drive()
    driver.wait_for(3)
    freeze(frozen)
    driver.ends_as(undisturbed)
    assert {event["node"] for event in driver.events("worker_lost")} == {frozen.node_id}


def test_the_task_of_a_slow_node_is_done_by_another(nodes, drive, undisturbed):
    """It would need a minute for each task; the others are done after some seconds."""
    nodes()
    slow = nodes(PIXELMILL_TEST_SLOWNESS="50")
    driver = drive(stragglers={"times": 3, "after": 4})
    report = driver.ends_as(undisturbed)
    assert report["seconds"] < 60
    (late, *_) = driver.events("straggler")
    assert late["node"] == slow.node_id


def test_a_driver_that_is_told_to_stop_leaves_nothing_half(nodes, drive, undisturbed):
    """SIGTERM, as Kubernetes and Slurm send it; Ray would end the process on the spot."""
    nodes()
    driver = drive()
    driver.wait_for(2)
    driver.process.terminate()
    out, _ = driver.process.communicate(timeout=30)
    assert driver.process.returncode == 130, driver.told()
    assert json.loads(out)["interrupted"]
    driver.start()
    driver.ends_as(undisturbed)
