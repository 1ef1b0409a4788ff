"""Real S3 servers on loopback, once a session: moto's, and SeaweedFS, which checks credentials.

`s3` is moto's, or SeaweedFS where PIXELMILL_S3=weed; the environment points to it.
"""

import json
import os
import shutil
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from servers.loopback import free_port, started

KEY, SECRET = "test", "testsecret"
KIND = os.environ.get("PIXELMILL_S3", "moto")
BUCKET = "pixelmill-test"


@dataclass(frozen=True)
class S3Server:
    kind: str  # "moto" takes any credentials; "weed" makes buckets by itself
    endpoint: str
    url: str = f"s3://{BUCKET}"  # of an empty bucket
    authority: str = ""  # by TLS: who signed its certificate

    @property
    def environment(self):
        return {
            "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ACCESS_KEY_ID": KEY,
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_DEFAULT_REGION": "us-east-1",
        }

    @property
    def options(self):
        """The same for `storage.configure`."""
        facts = {"endpoint_url": self.endpoint, "key": KEY, "secret": SECRET}
        trusted = {"client_kwargs": {"verify": self.authority}} if self.authority else {}
        return {"s3": {**facts, **trusted}}


def command(kind, port, folder, keys=None):
    if kind == "moto":
        tls = ["-c", str(keys / "site.pem"), "-k", str(keys / "site.key")] if keys else []
        return [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port), *tls]
    weed = shutil.which("weed") or os.path.join(os.path.dirname(sys.executable), "weed")
    actions = ["Admin", "Read", "Write", "List", "Tagging"]
    identity = {"name": "t", "credentials": [{"accessKey": KEY, "secretKey": SECRET}]}
    config = folder / "s3.json"
    config.write_text(json.dumps({"identities": [identity | {"actions": actions}]}))
    return [
        *(weed, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-filer", "-s3"),
        *("-master.volumeSizeLimitMB=64", "-volume.max=100", "-master.telemetry=false"),
        *(f"-s3.port={port}", f"-s3.config={config}"),
        # No fixed ports, or there could be only one on a machine.
        *("-s3.port.iceberg=0", "-s3.port.lance=0"),
        *(f"-{part}.port={free_port()}" for part in ("master", "volume", "filer")),
        *([f"-s3.cert.file={keys}/site.pem", f"-s3.key.file={keys}/site.key"] if keys else []),
    ]


@contextmanager
def serving(kind, folder, keys=None):
    """By TLS with `keys`, a folder of web.py's keys_of_a_throwaway_authority."""
    pytest.importorskip("s3fs")
    port = free_port()
    authority = str(keys / "authority.pem") if keys else ""
    server = S3Server(kind, f"http{'s' * bool(keys)}://127.0.0.1:{port}", authority=authority)
    asked = server.endpoint.replace("https:", "http:")  # answered with 400: it is there
    with started(command(kind, port, folder, keys), asked, folder):
        make_bucket(server)
        yield server


@pytest.fixture(scope="session")
def s3(tmp_path_factory):
    """The server; the environment points to it, also for processes that tests start."""
    with pytest.MonkeyPatch.context() as patch, serving(KIND, tmp_path_factory.mktemp("s3")) as one:
        for name, value in one.environment.items():
            patch.setenv(name, value)
        yield one


@pytest.fixture(scope="session")
def weed(tmp_path_factory):
    with serving("weed", tmp_path_factory.mktemp("weed")) as server:
        yield server


def make_bucket(server):
    import s3fs

    deadline = time.monotonic() + 30
    while True:
        try:
            s3fs.S3FileSystem(**server.options["s3"]).mkdir(BUCKET)
            return
        except OSError:  # SeaweedFS answers before its filer is ready
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
