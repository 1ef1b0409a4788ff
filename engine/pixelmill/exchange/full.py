"""Full: shards cut across tasks before so many bytes; their number is known from the lengths alone.

How they were cut stays in the ledger (`ledger/OUTPUT.cuts`), since the lengths are gone at the end.
"""

import json
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from pixelmill import storage
from pixelmill.errors import InputMissing
from pixelmill.exchange.cut import Cut, cut_by_bytes
from pixelmill.exchange.map import index_of, runs_of
from pixelmill.inputs import LEDGER
from pixelmill.job import Job, Output
from pixelmill.ledger import Record
from pixelmill.outputs.webdataset import room_for


def bytes_cut(job: Job, spec: Output, records: Iterable[Record]) -> Cut:
    """The cut of a finished first stage, one index after the other."""
    limit = spec.shards.bytes or 0
    return cut_by_bytes(_lengths(job, spec, records), room_for(limit))


def _lengths(job: Job, spec: Output, records: Iterable[Record]) -> Iterator[npt.NDArray[np.int64]]:
    for run in runs_of(job.output, spec.name, records):
        yield index_of(run)["length"].astype(np.int64)


def keep_cut(folder: str, output: str, made: Cut) -> None:
    text = json.dumps({"total": made.total, "starts": made.starts})
    storage.write(_url(folder, output), text.encode())


def kept_cut(folder: str, output: str) -> Cut | None:
    """The cut that was kept; None where the second stage was not begun."""
    try:
        facts = json.loads(storage.read(_url(folder, output)))
    except InputMissing:
        return None
    starts = tuple(facts["starts"])
    return Cut(facts["total"], len(starts), starts=starts)


def _url(folder: str, output: str) -> str:
    return storage.join(folder, LEDGER, f"{output}.cuts")
