"""Threads of this process: what hangs is named, since it cannot be ended."""

import threading

import pixelmill
from pixelmill import Job
from pixelmill.run import Watch


class Hangs:
    """Holds up the first sample until it is let go."""

    go = threading.Event()
    held = threading.Lock()

    def __call__(self, sample):
        if self.held.acquire(blocking=False):
            assert self.go.wait(30)
        return sample


class LetsGo(Watch):
    def __init__(self):
        self.stalled = []

    def event(self, event):
        if event["event"] == "stalled":
            self.stalled.append(event)
            Hangs.go.set()


def test_a_task_that_hangs_is_named_once(photos, tmp_path):
    job = Job(
        source=photos,
        output=tmp_path / "out",
        transforms=[Hangs()],
        max_failures=99,
        executor={"kind": "inline", "stall": 1},
    )
    watch = LetsGo()
    report = pixelmill.run(job, watch)
    (stalled,) = watch.stalled
    assert stalled["shard"] in photos
    assert f"task {stalled['task']} ({stalled['shard']}) has not moved for" in stalled["message"]
    assert stalled["worker"].endswith(report.records[0].worker.rpartition(":")[2])
    assert report.complete
