"""Throughput: the job of `job.py` in every place, on a server of its own."""

import tempfile
from pathlib import Path
from typing import Any

from servers.s3 import serving

from bench.storage.job import AWAY, FAILING, Bench
from pixelmill import storage
from pixelmill.demo.samples import write_samples

_NAMES = {"0 ms away": "proxy"}


def throughputs(samples: int, shards: int, rounds: int) -> dict[str, Any]:
    """{place: images a second, and times what other places do}."""
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as disk,
        serving("weed", Path(disk)) as server,
    ):
        storage.configure(server.options)
        try:
            urls = write_samples(f"{folder}/in", samples, shards)
            found = Bench(urls, folder, server).throughput({**AWAY, **FAILING}, rounds)
            return {_NAMES.get(name, name): _told(facts) for name, facts in found.items()}
        finally:
            storage.configure({})


def _told(facts: dict[str, float]) -> dict[str, float]:
    """Of the whole runs, against the same store behind a proxy that does nothing."""
    return {
        "images_per_second": facts["images_per_second"],
        "is_times_local": facts["is_times_local"],
        "is_times_proxy": facts["is_times_0_ms_away"],
    }
