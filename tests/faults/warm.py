"""Warm: a process that has imported and compiled everything, and forks one for each run.

A run that begins cold spends a second on imports; forked from here it takes a tenth, so that
hundreds can be killed.  `Warm` is the tests' end; run as a program, this file is the other one.
"""

import importlib
import json
import os
import select
import signal
import subprocess
import sys
import threading
import traceback
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True)
class Ended:
    """How a run ended: its exit code, or minus the signal; what it answered, unless it was killed.

    `said` is the error that it raised.  `ran` are the tasks that it did.
    """

    code: int
    seconds: float
    said: str = ""
    version: str = ""
    ran: tuple[str, ...] = ()

    @property
    def killed(self):
        return self.code == -signal.SIGKILL


class Warm:
    def __init__(self, *jobs, imports=(), preload=""):
        """Warmed by doing these jobs, and by these imports."""
        here = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}  # the tree that is tested
        here |= {"LD_PRELOAD": preload} if preload else {}
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=here
        )
        self._tell({"warm_by": jobs, "imports": imports})
        self._answer()

    def run(self, job, **how):
        """Run a job in a process of its own; it may be killed `after` so many seconds, or at a
        `failpoint`; `sabotage` takes out one of the engine's protections."""
        self.start(job, **how)
        return self.wait()

    def start(self, job, **how):
        self._tell({"job": job, **how})

    def wait(self):
        facts = self._answer()
        return Ended(**{**facts, "ran": tuple(facts.get("ran", ()))})

    def close(self):
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(30)

    def _tell(self, what):
        self._process.stdin.write(json.dumps(what).encode() + b"\n")
        self._process.stdin.flush()

    def _answer(self):
        answer = self._process.stdout.readline()
        assert answer, "the warm process has ended"
        return json.loads(answer)


def serve():
    answers = os.dup(1)
    os.dup2(2, 1)  # nothing else may print there
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        if "warm_by" in asked:
            for job in asked["warm_by"]:
                do(job)
            for module in asked["imports"]:
                importlib.import_module(module)
            assert threading.active_count() == 1, "a fork would lose these threads"
            facts = {}
        else:
            facts = forked(**asked)
        os.write(answers, json.dumps(facts).encode() + b"\n")


def forked(job, after=None, **how):
    hears, tells = os.pipe()
    start = perf_counter()
    child = os.fork()
    if not child:
        os.close(hears)
        in_child(job, tells, **how)
    os.close(tells)
    if not select.select([hears], [], [], after)[0]:
        os.kill(child, signal.SIGKILL)
    with os.fdopen(hears, "rb") as stream:
        said = stream.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    facts = {"code": code, "seconds": perf_counter() - start}
    return facts | (json.loads(said) if said and code >= 0 else {})


def in_child(job, tells, only_new=False, **how):
    code, facts = 70, {}
    try:
        os.setpgid(0, 0)  # the `tree` of a failpoint
        prepare(**how)
        report = do(job, only_new)
        code = report.exit_code
        facts = {"version": report.version, "ran": report.ran, "said": "\n".join(report.failed)}
    except BaseException as error:  # noqa: BLE001  (whatever it is, the tests shall hear of it)
        facts = {"said": f"{type(error).__name__}: {error}"}
        if os.environ.get("WARM_TRACE"):
            traceback.print_exc()
    finally:
        os.write(tells, json.dumps(facts).encode())
        os._exit(code)


def prepare(failpoint="", sabotage="", lease=(), environ=()):
    from sabotage import SABOTAGE

    from pixelmill import failpoint as points
    from pixelmill import lease as leases

    if sabotage:
        SABOTAGE[sabotage]()
    if lease:
        leases.BEAT, leases.TERM = lease
    os.environ.update(environ)
    points.arm(failpoint)


def do(job, only_new=False):
    import pixelmill
    from pixelmill.job import job_from

    return pixelmill.run(job_from(job), only_new=only_new)


if __name__ == "__main__":
    serve()
