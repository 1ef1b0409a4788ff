"""Loopback: a server that a test session starts, waits for, and ends."""

import socket
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import contextmanager


def free_port():
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port < 55_000:  # SeaweedFS takes the one 10,000 above it too
            return port


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
