"""Stratified: the index of a run whose samples are drawn by class or weight.

    sorted samples | an ENTRY for each | a table of the strata | the table's bytes, as 8 bytes

An entry's flags hold the number of its stratum in the table, or its weight as a float32.
"""

import json
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pixelmill import storage
from pixelmill.exchange.map import RunFile
from pixelmill.exchange.order import ENTRY, Entries
from pixelmill.exchange.strata import FOOT, NONE, Name, Stratum
from pixelmill.job import Draw

_TABLE = 64 << 10  # bytes that most tables fit into


@dataclass(frozen=True, slots=True)
class Strata:
    """The samples of one run by their strata; `number` is of `names`."""

    entries: Entries
    names: tuple[Name, ...]
    number: npt.NDArray[np.int64]
    weight: npt.NDArray[np.float64]


def table_of(run: RunFile) -> dict[Name, Stratum]:
    return _table(_tail(run, 0))


def strata_of(run: RunFile, draw: Draw) -> Strata:
    """The whole index of a run."""
    tail = _tail(run, run.samples)
    table, entries = _table(tail), np.frombuffer(tail, ENTRY, run.samples)
    names = tuple(table)
    if draw.weight:
        weight = entries["flags"].view(np.float32) if len(entries) else np.zeros(0)
        lots = (np.zeros(len(entries), np.int64), weight.astype(np.float64))
        return Strata(entries, ("",), *lots)
    number = entries["flags"].astype(np.int64)
    usable = np.array([name is not NONE for name in names], np.float64)
    return Strata(entries, names, number, usable[number])


def _tail(run: RunFile, samples: int) -> bytes:
    """The last entries of a run and all behind them."""
    wanted = samples * ENTRY.itemsize
    data = _last(run, wanted + _TABLE)
    behind = FOOT + int.from_bytes(data[-FOOT:], "little")
    if wanted + behind > len(data):
        data = _last(run, wanted + behind)
    return data[len(data) - wanted - behind :]


def _last(run: RunFile, count: int) -> bytes:
    return storage.read_range(run.url, max(0, run.bytes - count), run.bytes)


def _table(tail: bytes) -> dict[Name, Stratum]:
    size = int.from_bytes(tail[-FOOT:], "little")
    rows = json.loads(tail[len(tail) - FOOT - size : -FOOT])
    return {name: Stratum(samples, weight) for name, samples, weight in rows}
