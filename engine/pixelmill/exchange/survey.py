"""Survey: a run that has an index and no data, since its samples stay where they are."""

import numpy as np

from pixelmill import storage
from pixelmill.exchange.order import REBUILD, entries_of, order_hash
from pixelmill.exchange.runs import FOLDER, Run
from pixelmill.failpoint import reach
from pixelmill.job import Job
from pixelmill.outputs import ShardRecord
from pixelmill.shards.survey import spots


def survey(job: Job, task: str, url: str) -> ShardRecord | None:
    """The index of a tar that can be copied from by ranges; None where it has to be read."""
    found = spots(url)
    most = job.source.max_sample
    if not found or any(spot.end - spot.offset > most for spot in found):
        return None
    if job.outputs[0].shards.bytes and not all(spot.ours for spot in found):
        return None  # as we write them, samples of others may be longer than where they are
    hashes = b"".join(order_hash(job.seed, spot.key) for spot in found)
    entries = entries_of(hashes, np.array([spot.end - spot.offset for spot in found], np.uint64))
    entries["offset"] = [spot.offset for spot in found]
    entries["flags"] = [0 if spot.ours else REBUILD for spot in found]
    output = job.outputs[0].name
    name = f"{FOLDER}/{output}/{task}-000{Run.suffix}"
    fields = tuple(sorted({field for spot in found for field in spot.fields}))
    reach("survey.put")
    with storage.Upload(storage.join(job.output, name)) as upload:
        upload.write(entries.tobytes())
        upload.commit()
    return ShardRecord(output, name, len(found), upload.size, upload.sha256, fields)
