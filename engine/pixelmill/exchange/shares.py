"""Shares: how many samples are drawn of each stratum, exact to the sample."""

from collections.abc import Mapping
from fractions import Fraction

from pixelmill.exchange.cut import Cut, cut
from pixelmill.job import Draw, Shards


def drawn_in_all(draw: Draw, samples: Mapping[str, int]) -> int:
    """The number that a job asks for, of strata of so many samples."""
    if isinstance(draw.samples, int):
        return draw.samples if sum(samples.values()) else 0
    if draw.samples is None:
        return sum(samples.values())
    size = max if draw.samples == "largest" else min
    return len(samples) * size(samples.values(), default=0)


def fitting(draw: Draw, samples: Mapping[str, int], shards: Shards, tasks: int) -> Cut:
    """Shards for these; where the last one is dropped or padded, so many are drawn as fill all."""
    asked = cut(shards, drawn_in_all(draw, samples), tasks)
    return cut(shards, asked.total - asked.left_out + asked.repeated, tasks)


def shares(draw: Draw, samples: Mapping[str, int], total: int) -> dict[str, int]:
    """How many of `total` each stratum gets: its exact share, rounded so that the sum is right.

    What rounding down leaves over goes to those that lost most by it, then by name.
    """
    weights = draw.weights or {}
    sizes = {
        name: Fraction(1) if draw.balance else Fraction(weights.get(name, 1.0)) * count
        for name, count in sorted(samples.items())
    }
    whole = sum(sizes.values())
    if not whole:
        return dict.fromkeys(sizes, 0)
    exact = {name: total * size / whole for name, size in sizes.items()}
    given = {name: int(share) for name, share in exact.items()}
    left = total - sum(given.values())
    for name in sorted(exact, key=lambda name: (given[name] - exact[name], name))[:left]:
        given[name] += 1
    return given
