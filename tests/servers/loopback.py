"""Loopback: a server that a test session starts, waits for, and ends."""

import random
import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager


def free_port():
    """One below those that the system gives to connections; so is that 10,000 above it.

    SeaweedFS takes both.
    """
    while True:
        port = random.randrange(10_000, 22_000)
        if _is_free(port) and _is_free(port + 10_000):
            return port


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@contextmanager
def started(command, url, folder, **more):
    """The server that `command` starts, once it answers; killed at the end."""
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, **more)
    try:
        _wait_until_it_answers(url, process, folder / "log")
        yield process
    finally:
        process.kill()  # it keeps nothing worth an orderly end
        process.wait()


def _wait_until_it_answers(url, process, log):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            said = log.read_text(errors="replace")[-500:]
            raise RuntimeError(f"the server of {url} ended with {process.returncode}: {said}")
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except urllib.error.HTTPError as answer:
            answer.close()  # 403: it answers
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"the server of {url} did not answer within 60 s")
