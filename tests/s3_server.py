"""A real S3 server on loopback, once a session: moto's, or SeaweedFS where PIXELMILL_S3=weed."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass

import pytest

KEY, SECRET = "test", "testsecret"
KIND = os.environ.get("PIXELMILL_S3", "moto")


@dataclass(frozen=True)
class S3Server:
    kind: str  # "moto" takes any credentials; "weed" makes buckets by itself
    endpoint: str
    url: str  # of an empty bucket


def free_port() -> int:
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        if port < 55_000:  # SeaweedFS takes the one 10,000 above it too
            return port


def command(port, folder):
    if KIND == "moto":
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    weed = shutil.which("weed") or os.path.join(os.path.dirname(sys.executable), "weed")
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    identity = {"name": "t", "credentials": [{"accessKey": KEY, "secretKey": SECRET}]}
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity | {"actions": actions}]}))
    return [
        *(weed, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"),
        *("-master.volumeSizeLimitMB=64", "-volume.max=20", "-master.telemetry=false"),
        *(f"-s3.port={port}", f"-s3.config={config}"),
    ]


def wait_until_it_answers(endpoint, process):
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise RuntimeError(f"the S3 server ended with {process.returncode}")
        try:
            urllib.request.urlopen(endpoint, timeout=1).close()
            return
        except urllib.error.HTTPError as answer:
            answer.close()  # 403: it answers
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the S3 server did not answer within 60 s")


@pytest.fixture(scope="session")
def s3(tmp_path_factory):
    """The server; the environment points to it, also for processes that tests start."""
    pytest.importorskip("s3fs")
    folder = tmp_path_factory.mktemp("s3-server")
    port = free_port()
    endpoint = f"http://127.0.0.1:{port}"
    with open(folder / "log", "wb") as log:
        process = subprocess.Popen(command(port, folder), stdout=log, stderr=log)
    environment = {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
    }
    try:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            wait_until_it_answers(endpoint, process)
            make_bucket("pixelmill-test")
            yield S3Server(KIND, endpoint, "s3://pixelmill-test")
    finally:
        process.kill()  # it keeps nothing worth an orderly end
        process.wait()


def make_bucket(name):
    import s3fs

    deadline = time.monotonic() + 30
    while True:
        try:
            s3fs.S3FileSystem().mkdir(name)
            return
        except OSError:  # SeaweedFS answers before its filer is ready
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
