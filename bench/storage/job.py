"""Job: one job on local files, in a bucket, in one that is far, and in one that fails."""

import json
import shutil
from collections.abc import Sequence
from hashlib import md5
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from servers.s3 import S3Server

from bench.storage.behind import behind
from pixelmill import Job, storage
from pixelmill.run import run

# Both name the places of source and output; all else in a manifest has to be the same.
_PLACES_TOO = {"version", "fingerprint"}
# Rates at which a store that fails would still be called one that works.
PLACES: dict[str, tuple[Any, ...]] = {
    "proxy": ("none",),
    "50 ms away": ("latency", 1, 0.05),
    "busy above 20 requests a second": ("slow_down", 1, 20),
    "every 10th answer reset in mid-body": ("reset", 10),
    "every 10th request reset": ("reset_before", 10),
    "every 10th answer cut short": ("truncated", 10),
    "every 10th answer with a wrong bit": ("flipped", 10),
    "every 10th upload with a wrong bit": ("flipped_upload", 10),
}


def throughput(shards: Sequence[str], folder: str, server: S3Server, rounds: int) -> dict[str, Any]:
    """Images a second in each place, in rounds by turns; the same bytes from all."""
    stored = _stored(shards, server)
    rates: dict[str, list[float]] = {}
    versions = set()
    for number in range(rounds):
        for name in ["local", "bucket", *PLACES]:
            rate, version = _in(name, shards, stored, folder, server, number)
            rates.setdefault(name, []).append(rate)
            versions.add(version)
            print(f"{name}: {rate:.0f} images/s, version {version[:8]}", flush=True)
    assert len(versions) == 1, f"not the same bytes: {versions}"
    return {
        name: {
            "images_per_second": round(median(found), 1),
            **{f"is_times_{other}": _ratio(found, rates[other]) for other in ("local", "proxy")},
        }
        for name, found in rates.items()
    }


def _in(
    name: str, shards: Sequence[str], stored: Sequence[str], folder: str, server: S3Server, n: int
) -> tuple[float, str]:
    if name == "local":
        shutil.rmtree(f"{folder}/out", ignore_errors=True)
        return _timed(shards, f"{folder}/out")
    out = f"{server.url}/out-{n}-{name.replace(' ', '-')}"
    if name == "bucket":
        return _timed(stored, out)
    with behind(server.endpoint, *PLACES[name]) as address:
        storage.configure({"s3": {**server.options["s3"], "endpoint_url": address}})
        try:
            return _timed(stored, out)
        finally:
            storage.configure(server.options)


def _timed(source: Sequence[str], out: str) -> tuple[float, str]:
    job = Job(
        source=list(source),
        output=out,
        transforms=[{"resize": 256}],
        executor={"kind": "inline", "workers": 1},
    )
    start = perf_counter()
    report = run(job)
    assert report.exit_code == 0, report.failed
    rate = report.tally.read / (perf_counter() - start)
    manifest = json.loads(storage.read(f"{out}/manifest.json"))
    same = {name: facts for name, facts in manifest.items() if name not in _PLACES_TOO}
    return rate, md5(json.dumps(same).encode()).hexdigest()


def _stored(shards: Sequence[str], server: S3Server) -> list[str]:
    urls = [f"{server.url}/in/{Path(path).name}" for path in shards]
    for path, url in zip(shards, urls, strict=True):
        storage.write(url, Path(path).read_bytes())
    return urls


def _ratio(mine: list[float], others: list[float]) -> float:
    return round(median(a / b for a, b in zip(mine, others, strict=True)), 3)
