"""Reader: the process that reads a part in another's place; it may be killed by what it reads."""

import json
import signal
import sys
from collections.abc import Iterator
from multiprocessing.connection import Connection
from typing import Any

from pixelmill import storage
from pixelmill.guard.talk import packed, packed_found
from pixelmill.job import job_from
from pixelmill.lifeline import end_with
from pixelmill.plan import source_of
from pixelmill.sample import Failure, Sample
from pixelmill.sources import Part, open_source


def main() -> None:
    """Send what a part holds, sample by sample, and how its reading ended."""
    end_with(int(sys.argv[2]))
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # whoever reads by it ends it, in good time
    pipe = Connection(int(sys.argv[3]))
    said: dict[str, Any] = {"end": True}
    try:
        for found in _samples(json.loads(pipe.recv_bytes())):
            pipe.send_bytes(packed_found(found))
    except BrokenPipeError:  # nobody reads by it any more
        return
    except Exception as error:  # noqa: BLE001  (told, and raised again by whoever reads by it)
        said = {"error": type(error).__name__, "message": str(error)}
    pipe.send_bytes(packed(said))


def _samples(told: dict[str, Any]) -> Iterator[Sample | Failure]:
    storage.configure(told["options"])
    part, job = Part(**told["part"]), job_from(told["job"])
    if told["of_source"]:
        return source_of(job.source).read(part)
    return open_source([part.url], "webdataset", max_sample=job.source.max_sample).read(part)
