"""Storage's figures: the plain clients, latency, faults; on servers on loopback.

The plain clients' are of every store that the tests can start: S3 (SeaweedFS) by plain HTTP and by
TLS, Google's and Azure's; the rest are of SeaweedFS.

    python -m bench.storage.compare --rounds 3

Server, proxy and job share the machine's cores, so the job runs on one worker, and what the server
and the proxy compute for a bucket is missing from the job.  Elsewhere they have cores of their own.
So what 50 ms cost is told by the same job with the same server behind the same proxy, which waits
50 ms before each answer or does not ("0 ms away"); "local" stands beside them.  An answer after
50 ms costs nothing only where it is waited for beside the work.

A run begins and ends with twelve requests that wait for one another: 0.7 s at 50 ms.  They are in
"images_per_second", and not in "of_the_tasks_alone".  Each photograph is stored `--copies` times,
in shards of their own, so that they do not decide.
"""

import argparse
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from servers.azure import serving_azure
from servers.gcs import serving_gcs
from servers.s3 import serving
from servers.web import keys_of_a_throwaway_authority

from bench.pipeline.facts import save
from bench.storage.clients import large, small
from bench.storage.job import AWAY, FAILING, Bench
from pixelmill import storage
from pixelmill.demo.samples import write_samples


def elsewhere(kind: str, megabytes: int, rounds: int) -> dict[str, Any]:
    """Large objects in the other stores, against fsspec's client of each; one after another."""
    with tempfile.TemporaryDirectory() as keys:
        keys_of_a_throwaway_authority(Path(keys))
        starts = {
            "s3 by TLS": lambda disk: serving(kind, disk, Path(keys)),
            "gs": serving_gcs,
            "az": serving_azure,
        }
        return {name: _alone(start, megabytes, rounds) for name, start in starts.items()}


def _alone(start: Callable[[Path], Any], megabytes: int, rounds: int) -> dict[str, Any]:
    before = storage.configured()
    with tempfile.TemporaryDirectory() as disk, start(Path(disk)) as server:
        storage.configure(server.options)
        try:
            return large(server.url, megabytes, rounds, storage.filesystem(server.url)[0])
        finally:
            storage.configure(before)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=3000)
    parser.add_argument("--shards", type=int, default=8)
    parser.add_argument("--copies", type=int, default=3)
    parser.add_argument("--megabytes", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--server", default="weed", choices=["weed", "moto"])
    parser.add_argument("--dry", action="store_true", help="keep nothing in bench/results")
    asked = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        tempfile.TemporaryDirectory() as disk,
        serving(asked.server, Path(disk)) as server,
    ):
        from obstore.fsspec import FsspecStore

        storage.configure(server.options)
        fs, _ = storage.filesystem(server.url)
        facts = server.options["s3"]
        ob = FsspecStore(
            "s3",
            endpoint=facts["endpoint_url"],
            access_key_id=facts["key"],
            secret_access_key=facts["secret"],
            region="us-east-1",
            virtual_hosted_style_request=False,
            client_options={"allow_http": True},
        )
        figures = {
            "server": asked.server,
            "large_MB_per_second": {
                "s3": large(server.url, asked.megabytes, asked.rounds, fs, ob),
                **elsewhere(asked.server, asked.megabytes, asked.rounds),
            },
            "small_objects_per_second": small(server.url, asked.rounds, fs, ob),
        }
        print(json.dumps(figures, indent=1), flush=True)
        shards = write_samples(f"{folder}/in", asked.samples, asked.shards)
        many = [_copy(shard, number) for number in range(asked.copies) for shard in shards]
        figures["away"] = Bench(many, folder, server).throughput(AWAY, asked.rounds)
        figures["failing"] = Bench(shards, folder, server).throughput(FAILING, asked.rounds)
        figures["images"] = {"size": "imagenet", **vars(asked)}
    print(json.dumps({name: figures[name] for name in ("away", "failing")}, indent=1))
    if not asked.dry:
        save("storage", figures)


def _copy(shard: str, number: int) -> str:
    """Another name of the file."""
    name = shard.removesuffix(".tar") + f"-{number}.tar"
    Path(name).hardlink_to(shard)
    return name


if __name__ == "__main__":
    main()
