"""Throughput: the job of `job.py` in every place, on a server of its own."""

import tempfile
from pathlib import Path
from typing import Any

from servers.s3 import serving

from bench.storage.job import throughput
from pixelmill import storage
from pixelmill.demo.samples import write_samples


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
            return throughput(urls, folder, server, rounds)
        finally:
            storage.configure({})
