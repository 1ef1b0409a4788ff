"""What a worker asks of its node, where the job does not say."""

from pixelmill import Job
from pixelmill.executors import in_flight
from pixelmill.executors.needs import fits, needs_of

MB, GB = 10**6, 10**9


def job(**worker):
    return Job(source="a.tar", output="out", executor={"worker": worker})


def node(cpus, memory):
    return {"Resources": {"CPU": cpus, "memory": memory}}


def test_what_the_job_says_is_asked():
    assert needs_of(job(memory="300MB"), [node(4, 64 * GB)]).memory == 300 * MB


def test_otherwise_it_is_what_the_plan_says():
    """The peak that was measured (232 MB), two shards in flight, a photograph in hand."""
    one, four = (needs_of(job(cpus=n), [node(8, 64 * GB)]).memory for n in (1, 4))
    assert 400 * MB < one < 700 * MB
    assert one < four < 4 * one


def test_an_exchange_needs_more():
    plain = job()
    shuffled = Job(source="a.tar", output="out", shuffle=True)
    there = [node(8, 64 * GB)]
    assert needs_of(shuffled, there).memory > needs_of(plain, there).memory


def test_no_more_is_asked_than_the_largest_node_has():
    small = needs_of(job(), [node(1, 100 * MB), node(2, 200 * MB)])
    assert small.memory == 200 * MB
    assert fits({"CPU": 2, "memory": 200 * MB}, small) == 1


def test_a_node_has_room_for_as_many_as_its_memory_holds():
    needs = needs_of(job(memory="2GB"), [])
    assert fits({"CPU": 8, "memory": 5 * GB}, needs) == 2


def test_behind_a_bucket_more_tasks_are_under_way_for_each_core():
    """One that works, and beside it some that open a shard or commit one."""
    local = job()
    for far in (
        Job(source="s3://b/a.tar", output="out"),
        Job(source="a.tar", output="gs://b/out"),
    ):
        assert in_flight(far, 1) == 4 > in_flight(local, 1) == 2
        assert in_flight(far, 64) == 72 > in_flight(local, 64) == 68
        assert needs_of(far, []).memory > needs_of(local, []).memory
