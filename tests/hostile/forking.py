"""A process that forks a child for each job it is told of, so that a crash costs one child.

Loaded once, the engine is there in every child: its peak memory is then that of the job.
"""

import json
import os
import resource
import signal
import sys
import tarfile

import pixelmill
from pixelmill import Job

SECONDS = 60  # of processor time, after which a child is taken for one that hangs


def whys(out):
    found = {}
    folder = os.path.join(out, "quarantine")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        with tarfile.open(os.path.join(folder, name)) as tar:
            for info in tar:
                if info.name.endswith(".why.json"):
                    why = json.load(tar.extractfile(info))
                    found[why["key"]] = (why["reason"], why["message"])
    return found


def done(facts):
    job = Job.model_validate({"max_failures": 10**9, "executor": {"kind": "inline"}, **facts})
    report = pixelmill.run(job)
    assert report.tally.balances
    return {
        "tally": report.tally.to_json(),
        "damaged": report.damaged,
        "failed": report.failed,
        "whys": whys(job.output),
    }


def in_a_child(asked):
    """{"peak": its resident bytes at most, and "status" 0 with "result", or what it died of}."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        resource.setrlimit(resource.RLIMIT_AS, (asked["memory"],) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
        signal.alarm(4 * SECONDS)
        try:
            text = json.dumps(done(asked["job"]))
        except BaseException as error:  # noqa: BLE001  # told by the parent
            text = json.dumps({"error": f"{type(error).__name__}: {error}"})
        with os.fdopen(writing, "w") as pipe:
            pipe.write(text)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        text = pipe.read()
    _, status, used = os.wait4(child, 0)
    told = {"status": status, "peak": used.ru_maxrss * 1024, "seconds": used.ru_utime}
    return told | {"result": json.loads(text)} if text else told


if __name__ == "__main__":
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    for line in sys.stdin:
        answers.write(json.dumps(in_a_child(json.loads(line))) + "\n")
        answers.flush()
