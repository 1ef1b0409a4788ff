"""Page: what the simulation found, as the tables of SIMULATION.md."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean
from typing import Any

from bench.scale.simulation.parameters import Parameters, from_results
from bench.scale.simulation.questions import BUCKETS, HUNDRED

PAGE = Path(__file__).parents[1] / "SIMULATION.md"
Outcome = Mapping[str, float]
# Of what it could give: from here on a limit is what holds the others back.
FULL = 0.85


def tables(figures: Mapping[str, Any]) -> str:
    """All of them, each under its question."""
    parts = {
        f"{figures['images']:,} images": _nodes(figures["nodes"], figures["images"]),
        "A node that is preempted": _preempted(figures["preempted"]),
        "Nodes that are slow": _slow(figures["slow"]),
        "The size of a shard": _shards(figures["shards"]),
        "Against reality": _reality(figures["reality"]),
        "Every parameter": _table(
            ("", "value", "", "from"), (map(str, row) for row in figures["parameters"])
        ),
    }
    return "\n\n".join(f"## {title}\n\n{table}" for title, table in parts.items())


def efficiency(outcome: Outcome, facts: Parameters) -> float:
    """The time that the cores' work alone would take, as a share of the time it took."""
    return facts.images * facts.image_seconds / (facts.nodes * facts.cores) / outcome["seconds"]


def bottleneck(outcome: Outcome, facts: Parameters) -> str:
    """What is used to the full: the driver, the bucket's bytes or its requests; else the cores."""
    shares = {
        "driver": outcome["driver_share"],
        "bytes": outcome["gigabytes_a_second"] * 1e9 / facts.bandwidth,
        "requests": outcome["requests_a_second"] / facts.requests,
    }
    most = max(shares, key=lambda name: shares[name])
    return most if shares[most] >= FULL else "cores"


def _nodes(found: Mapping[str, Mapping[str, Outcome]], images: int) -> str:
    rows = []
    for nodes in next(iter(found.values())):
        row = [f"{int(nodes):,}"]
        for bucket, outcomes in found.items():
            if nodes not in outcomes:
                row.append("")
                continue
            facts = from_results(nodes=int(nodes), images=images, **BUCKETS[bucket])
            outcome = outcomes[nodes]
            share, held = efficiency(outcome, facts), bottleneck(outcome, facts)
            row.append(f"{_time(outcome['seconds'])} ({share:.0%}, {held})")
        driver = next(iter(found.values()))[nodes]["driver_share"]
        rows.append([*row, f"{driver:.0%}"])
    return _table(("nodes", *(f"bucket: {name}" for name in found), "driver at work"), rows)


def _preempted(found: Mapping[str, Mapping[str, Outcome]]) -> str:
    seconds = {
        name: mean(one["seconds"] for one in seeds.values()) for name, seeds in found.items()
    }
    least = seconds["none goes"]
    rows = []
    for name, seeds in found.items():
        gone = mean(one["preempted"] for one in seeds.values())
        again = mean(one["commits"] - one["tasks"] for one in seeds.values())
        cost = f"{(seconds[name] - least) * HUNDRED / gone:,.0f} s" if gone else ""
        rows.append([name, _time(seconds[name]), f"{gone:.0f}", cost, f"{again:.0f}"])
    return _table(("", "time", "nodes gone", "of one node, each costs", "commits too many"), rows)


def _slow(found: Mapping[str, Mapping[str, Outcome]]) -> str:
    rows = []
    for name, ways in found.items():
        twice = ways["second runs"]["second_runs"]
        times = [_time(ways[way]["seconds"]) for way in ("none", "second runs")]
        rows.append([name, *times, f"{twice:.0f}"])
    return _table(("nodes", "without second runs", "with them", "tasks run twice"), rows)


def _shards(found: Mapping[str, Outcome]) -> str:
    rows = []
    for size, outcome in found.items():
        facts = from_results(nodes=HUNDRED, images=int(outcome["tasks"]) * int(size))
        share = f"{efficiency(outcome, facts):.0%}"
        megabytes = f"{int(size) * facts.image_in / 1e6:,.0f} MB"
        driver = f"{outcome['driver_share']:.0%}"
        rows.append([f"{int(size):,}", megabytes, _time(outcome["seconds"]), share, driver])
    return _table(("images a shard", "bytes", "time", "efficiency", "driver at work"), rows)


def _reality(found: Mapping[str, Outcome]) -> str:
    rows = (
        [name, f"{one['measured']:,}", f"{one['simulated']:,}", f"{one['deviation']:+.1%}"]
        for name, one in found.items()
    )
    return _table(("", "measured", "simulated", "deviation"), rows)


def _table(head: Sequence[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _time(seconds: float) -> str:
    if seconds < 600:
        return f"{seconds:,.0f} s"
    return f"{seconds / 60:,.0f} min" if seconds < 7200 else f"{seconds / 3600:,.1f} h"
