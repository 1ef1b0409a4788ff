"""A whole job on Google's and on Azure's storage, disturbed: the same bytes as undisturbed."""

import hashlib
import re
from pathlib import Path

import pytest
from servers.fault_proxy import Fault, proxied

import pixelmill
from pixelmill import Job, storage
from pixelmill.errors import StorageError
from pixelmill.storage import backends, pace, patience
from pixelmill.storage.entries import stat_to_read

FAULTS = {
    "reset": Fault("reset", every=2),
    "slow_down": Fault("slow_down", every=1, value=15),
    "stall": Fault("stall", every=2, methods=("GET",)),
}


@pytest.fixture(params=["gcs", "azure"], scope="module")
def server(request):
    return request.getfixturevalue(request.param)


def by(server, endpoint):
    """The options that lead to `endpoint` in the place of the server's own."""
    (kind, facts), *_ = server.options.items()
    told = {name: str(value).replace(server.endpoint, endpoint) for name, value in facts.items()}
    return {kind: told}


@pytest.fixture(scope="module")
def stored(photos, server):
    """The photographs in the bucket."""
    storage.configure(server.options)
    urls = [storage.join(server.url, "faults-in", Path(path).name) for path in photos]
    for path, url in zip(photos, urls, strict=True):
        storage.write(url, Path(path).read_bytes())
    storage.configure({})
    return urls


@pytest.fixture(scope="module")
def undisturbed(stored, server):
    return digests(server, run_to(server, stored, "undisturbed"))


def run_to(server, stored, name, endpoint=None):
    out = storage.join(server.url, f"faults-out-{name}")
    storage.configure(by(server, endpoint or server.endpoint))
    try:
        job = Job(
            source=stored,
            output=out,
            transforms=[{"resize": 64}],
            max_failures=10,
            executor={"kind": "inline", "workers": 2},
        )
        report = pixelmill.run(job)
    finally:
        storage.configure({})
    assert report.exit_code == 0, (report.failed, report.damaged)
    assert report.tally.balances
    return out


def digests(server, out):
    """What lies in the bucket, asked without the proxy."""
    storage.configure(server.options)
    found = [entry.url for entry in storage.listing(out, recursive=True)]
    kept = [url for url in found if url.endswith((".tar", "manifest.json"))]
    told = {url.removeprefix(out): hashlib.sha256(storage.read(url)).hexdigest() for url in kept}
    storage.configure({})
    return told


def test_a_wrong_bit_in_a_large_object_of_googles_is_told(gcs, injected, rng, monkeypatch):
    """By its crc32c, which it has of every object; of some no md5."""
    monkeypatch.setattr(patience, "PATIENCE", patience.Patience(first_wait=0.01, budget=30))
    url, data = storage.join(gcs.url, "wrong-bit"), rng.bytes(17_000_000)
    with proxied(gcs.endpoint, injected) as proxy:
        storage.configure(by(gcs, proxy.url))
        with storage.Upload(url) as upload:
            upload.write(data)
            upload.commit()
        assert re.fullmatch(r"crc32c \w{8}", stat_to_read(url).crc)
        assert b"".join(storage.chunks(url)) == data
        proxy.fault = Fault("flipped", every=2)
        with pytest.raises(StorageError, match="the storage says crc32c"):
            list(storage.chunks(url))
    storage.configure({})


@pytest.mark.slow
@pytest.mark.parametrize("kind", FAULTS)
def test_a_disturbed_job_writes_the_same_bytes(
    kind, server, stored, undisturbed, injected, monkeypatch
):
    monkeypatch.setattr(patience, "PATIENCE", patience.Patience(first_wait=0.01, budget=30))
    monkeypatch.setattr(pace, "_paces", {})
    monkeypatch.setattr(backends, "_READ", 1.0)  # a stall is cut after a second, not twenty
    with proxied(server.endpoint, injected) as proxy:
        proxy.fault = FAULTS[kind]
        out = run_to(server, stored, kind, proxy.url)
        assert proxy.here[kind] >= 2
    assert digests(server, out) == undisturbed
