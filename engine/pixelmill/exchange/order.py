"""Order: where a sample stands among all; a keyed hash of its key, and how an index keeps it."""

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

Entries = npt.NDArray[np.void]

# One sample in the index of a run: the 128 bits of its hash, and where its bytes lie.
ENTRY = np.dtype(
    [("high", "<u8"), ("low", "<u8"), ("offset", "<u8"), ("length", "<u4"), ("flags", "<u4")]
)
REBUILD = 1  # a flag: these bytes are a sample, but not as our writer would have written them
COPY = 1  # from this bit on, the flags say how many copies of the sample are before this one
# Stretches of the hash that a run counts.  At a billion samples the index of one takes 32 MB.
BINS = 1024
_BIN_SHIFT = np.uint64(64 - 10)  # the ten highest bits

_PERSON = b"pixelmill order"


def order_hash(seed: int, key: str) -> bytes:
    """16 bytes; by them the samples of a seed are in random order."""
    name = f"{seed}\0{key}".encode("utf-8", "surrogateescape")
    return blake2b(name, digest_size=16, person=_PERSON).digest()


def entries_of(hashes: bytes | bytearray, lengths: npt.NDArray[np.uint64]) -> Entries:
    """The index of samples that lie one behind the other."""
    found = np.zeros(len(lengths), ENTRY)
    halves = np.frombuffer(hashes, ">u8").reshape(-1, 2)
    found["high"], found["low"] = halves[:, 0], halves[:, 1]
    found["length"] = lengths
    found["offset"] = np.cumsum(lengths) - lengths
    return found


def by_hash(entries: Entries) -> npt.NDArray[np.intp]:
    """The places of the entries in the order of their hashes; equal ones stay as they are."""
    return np.lexsort((entries["low"], entries["high"]))


def bin_ends(entries: Entries) -> npt.NDArray[np.uint32]:
    """Of entries in order: how many come before the end of each bin."""
    bins = (entries["high"] >> _BIN_SHIFT).astype(np.int64)
    return np.cumsum(np.bincount(bins, minlength=BINS)).astype("<u4")


def repeats(entries: Entries) -> npt.NDArray[np.bool_]:
    """Which entries have a key that stands before them already."""
    order = by_hash(entries)
    ordered = entries[order]
    again = np.zeros(len(entries), bool)
    same = (ordered["high"][1:] == ordered["high"][:-1]) & (
        ordered["low"][1:] == ordered["low"][:-1]
    )
    again[order[1:][same]] = True
    return again
