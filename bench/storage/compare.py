"""Storage's figures: the plain clients, latency, faults; on a SeaweedFS server on loopback.

    python -m bench.storage.compare --rounds 3

Server, proxy and job share the machine's cores, so the job runs on one worker.  An answer after
50 ms costs the job nothing only where it is waited for beside the work; that is what "50 ms away"
against "proxy" tells.
"""

import argparse
import json
import tempfile
from pathlib import Path

from servers.s3 import serving

from bench.pipeline.facts import save
from bench.storage.clients import large, small
from bench.storage.job import throughput
from pixelmill import storage
from pixelmill.demo.samples import write_samples


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=3000)
    parser.add_argument("--shards", type=int, default=30)
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
            "large_MB_per_second": large(server.url, asked.megabytes, asked.rounds, fs, ob),
            "small_objects_per_second": small(server.url, asked.rounds, fs, ob),
        }
        print(json.dumps(figures, indent=1), flush=True)
        shards = write_samples(f"{folder}/in", asked.samples, asked.shards)
        figures["job"] = throughput(shards, folder, server, asked.rounds)
        figures["images"] = {"count": asked.samples, "size": "imagenet", "shards": asked.shards}
    print(json.dumps(figures["job"], indent=1))
    if not asked.dry:
        save("storage", figures)


if __name__ == "__main__":
    main()
