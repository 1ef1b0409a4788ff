"""Copies: when each copy of a sample is drawn, a number that only seed, key and copy have a say in.

Every sample sends out copies, each at a time of its own, and the `n` earliest of a stratum are
drawn.  So which they are needs no list of samples: one time tells it, before which there are `n`.

    with replacement     a Poisson process: the time between two copies is -ln(u) / weight.  Which
                         sample sends the next copy of all is then independent of all before, with a
                         chance in proportion to its weight (Kingman, Poisson Processes, 1993)
    without              the j-th copy is sent at (j - 1 + u) / weight: where all weigh the same,
                         every sample once in random order, then every sample once again ...

The `u` come from the 128 bits by which a sample is shuffled, through the finalizer of SplitMix64
(Steele, Lea and Flood, Fast splittable pseudorandom number generators, OOPSLA 2014).
"""

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from pixelmill.exchange.order import Entries

Floats = npt.NDArray[np.float64]
Words = npt.NDArray[np.uint64]

_GOLDEN = 0x9E3779B97F4A7C15
_TIME, _HIGH, _LOW = range(3)  # what the bits of a copy are for
_USES = 3
_LN2 = 0.6931471805599453


class Copies(NamedTuple):
    """By copy: the place of its sample in the index, which of its copies it is (from 1), when."""

    place: npt.NDArray[np.int64]
    number: npt.NDArray[np.int64]
    time: Floats


def copies(entries: Entries, weight: Floats, until: Floats, replacement: bool) -> Copies:
    """Those that samples of these weights send out until so long, each sample until its own."""
    alive = np.flatnonzero((weight > 0) & (until > 0))
    before, number = np.zeros(len(alive)), 0
    found = [Copies(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    while len(alive):
        number += 1
        drawn = _uniform(_bits(entries[alive], number, _TIME))
        sent = before + minus_log(drawn) if replacement else number - 1 + drawn
        time = sent / weight[alive]
        early = time <= until[alive]
        alive, before = alive[early], sent[early]
        found.append(Copies(alive, np.full(len(alive), number), time[early]))
    return Copies(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


def place_copies(entries: Entries, number: npt.NDArray[np.int64]) -> None:
    """Send all copies but the first to places of their own in the order."""
    for again in np.unique(number[number > 1]).tolist():
        which = np.flatnonzero(number == again)
        some = entries[which]
        entries["high"][which] = _bits(some, again, _HIGH)
        entries["low"][which] = _bits(some, again, _LOW)


def minus_log(value: Floats) -> Floats:
    """-ln of numbers in (0, 1), by sums and products alone, which all machines round alike.

    With m in [sqrt(1/2), sqrt(2)) and s = (m - 1) / (m + 1), ln(m) = 2 (s + s^3/3 + s^5/5 ...);
    since |s| < 0.172, what comes after s^19 is below 1e-17.
    """
    mantissa, exponent = np.frexp(value)
    small = mantissa < 0.7071067811865476
    mantissa = np.where(small, 2 * mantissa, mantissa)
    s = (mantissa - 1) / (mantissa + 1)
    square, series = s * s, np.zeros_like(s)
    for power in range(19, 0, -2):
        series = series * square + 1 / power
    return np.asarray(-((exponent - small) * _LN2 + 2 * s * series))


def _uniform(bits: Words) -> Floats:
    """In (0, 1): 53 bits, and half a step."""
    return ((bits >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53


def _bits(entries: Any, number: int, use: int) -> Words:
    step = np.uint64((number * _USES + use) * _GOLDEN % 2**64)
    return _mixed(_mixed(entries["high"] + step) ^ entries["low"])


def _mixed(z: Words) -> Words:
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
