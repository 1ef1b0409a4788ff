"""Code that keeps the interpreter's lock, in a process that watches itself."""

import os
import subprocess
import sys
import time

WORKS = """
import ctypes, sys, time
from pixelmill.executors.watchdog import watch
watch(float(sys.argv[1]))
time.sleep(0.2)
if sys.argv[2] == "keeps":
    ctypes.PyDLL(None).sleep(60)
end = time.monotonic() + 3
while sys.argv[2] == "works" and time.monotonic() < end:
    sum(range(1000))
"""


def run(*words):
    command = [sys.executable, "-c", WORKS, *words]
    env = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.run(command, env=env, capture_output=True, text=True, timeout=50, check=False)


def test_one_that_keeps_the_lock_is_ended_and_tells_where_it_was():
    began = time.monotonic()
    done = run("1", "keeps")
    assert done.returncode == 1
    assert time.monotonic() - began < 30
    assert "Timeout" in done.stderr, done.stderr
    assert 'File "<string>", line 7' in done.stderr


def test_one_that_works_goes_on_and_so_does_one_without_a_limit():
    assert run("1", "works").returncode == 0
    assert run("inf", "idle").returncode == 0
