"""Job: one job on local files, in a bucket, in one that is far, and in one that fails."""

import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
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
AGAIN = 10  # runs, at most
AWAY: dict[str, tuple[Any, ...]] = {
    "0 ms away": ("latency", 1, 0.0),
    "50 ms away": ("latency", 1, 0.05),
}
# Rates at which a store that fails would still be called one that works.
FAILING: dict[str, tuple[Any, ...]] = {
    "0 ms away": ("latency", 1, 0.0),
    "busy above 20 requests a second": ("slow_down", 1, 20),
    "every 10th answer reset in mid-body": ("reset", 10),
    "every 10th request reset": ("reset_before", 10),
    "every 10th answer cut short": ("truncated", 10),
    "every 10th answer with a wrong bit": ("flipped", 10),
    "every 10th upload with a wrong bit": ("flipped_upload", 10),
}


@dataclass(frozen=True, slots=True)
class Rate:
    """Images a second of a run, and of its tasks without the requests before and after them.

    `waits` is the share of the tasks' time in which the core had nothing to do, or waited for bytes
    to read: however busy others keep the machine, it tells what the storage cost.
    """

    whole: float
    tasks: float
    waits: float


@dataclass(frozen=True, slots=True)
class Bench:
    """The same shards on the disk and in the bucket."""

    shards: Sequence[str]
    folder: str
    server: S3Server

    def throughput(self, places: dict[str, tuple[Any, ...]], rounds: int) -> dict[str, Any]:
        """Images a second in each place, in rounds by turns; the same bytes from all."""
        stored = _stored(self.shards, self.server)
        rates: dict[str, list[Rate]] = {}
        versions = set()
        for number in range(rounds):
            for name in ["local", "bucket", *places]:
                rate, version = self._in(name, stored, places.get(name), number)
                rates.setdefault(name, []).append(rate)
                versions.add(version)
                print(f"{name}: {rate}, version {version[:8]}", flush=True)
        assert len(versions) == 1, f"not the same bytes: {versions}"
        return {name: _told(found, rates) for name, found in rates.items()}

    def _in(
        self, name: str, stored: Sequence[str], fault: tuple[Any, ...] | None, number: int
    ) -> tuple[Rate, str]:
        if name == "local":
            shutil.rmtree(f"{self.folder}/out", ignore_errors=True)
            return _timed(self.shards, f"{self.folder}/out")
        out = f"{self.server.url}/out-{len(stored)}-{number}-{name.replace(' ', '-')}"
        if fault is None:
            return _timed(stored, out)
        options = self.server.options
        with behind(self.server.endpoint, *fault) as address:
            storage.configure({"s3": {**options["s3"], "endpoint_url": address}})
            try:
                return _timed(stored, out)
            finally:
                storage.configure(options)


def _told(found: list[Rate], rates: dict[str, list[Rate]]) -> dict[str, float]:
    told = {
        "images_per_second": round(median(rate.whole for rate in found), 1),
        "of_the_tasks_alone": round(median(rate.tasks for rate in found), 1),
        "core_waits": round(median(rate.waits for rate in found), 3),
    }
    for other, theirs in (("local", rates["local"]), ("0_ms_away", rates["0 ms away"])):
        pairs = list(zip(found, theirs, strict=True))
        told[f"is_times_{other}"] = round(median(a.whole / b.whole for a, b in pairs), 3)
        told[f"tasks_are_times_{other}"] = round(median(a.tasks / b.tasks for a, b in pairs), 3)
    return told


def _timed(source: Sequence[str], out: str) -> tuple[Rate, str]:
    job = Job(
        source=list(source),
        output=out,
        transforms=[{"resize": 256}],
        executor={"kind": "inline", "workers": 1},
    )
    start = perf_counter()
    reports = [run(job)]
    # A wrong bit in a shard of several chunks is seen at its end: the task fails, and is run again.
    while reports[-1].exit_code and len(reports) < AGAIN:
        reports.append(run(job))
    assert reports[-1].exit_code == 0, reports[-1].failed
    whole, shares = reports[-1].tally.read / (perf_counter() - start), reports[0].shares()
    tasks = reports[-1].tally.read / sum(report.seconds for report in reports)
    rate = Rate(whole, tasks, shares["waiting"] + shares["read"])
    manifest = json.loads(storage.read(f"{out}/manifest.json"))
    same = {name: facts for name, facts in manifest.items() if name not in _PLACES_TOO}
    return rate, md5(json.dumps(same).encode()).hexdigest()


def _stored(shards: Sequence[str], server: S3Server) -> list[str]:
    urls = [f"{server.url}/in/{Path(path).name}" for path in shards]
    for path, url in zip(shards, urls, strict=True):
        storage.write(url, Path(path).read_bytes())
    return urls
