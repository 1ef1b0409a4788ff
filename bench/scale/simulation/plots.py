"""Plots: the time against the nodes, and against the size of a shard."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.scale.simulation.parameters import from_results


def nodes(figures: Mapping[str, Any], path: Path) -> None:
    """All images: a line for each bucket, and what the cores alone would take."""
    pyplot = _pyplot()
    figure, axis = pyplot.subplots(figsize=(8, 5), layout="constrained")
    for bucket, found in figures["nodes"].items():
        counts = [int(count) for count in found]
        seconds = [outcome["seconds"] for outcome in found.values()]
        axis.loglog(counts, seconds, "o-", label=f"bucket: {bucket}")
    facts, everywhere = from_results(images=figures["images"]), [*figures["nodes"]["no limit"]]
    work = facts.images * facts.image_seconds / facts.cores
    axis.loglog(
        [*map(int, everywhere)],
        [work / int(count) for count in everywhere],
        "k:",
        label="the cores' work alone",
    )
    axis.set(xlabel=f"nodes of {facts.cores} cores", ylabel=f"seconds for {facts.images:,} images")
    axis.legend()
    figure.savefig(path, dpi=90)
    pyplot.close(figure)


def shards(figures: Mapping[str, Any], path: Path) -> None:
    """The time and the driver's share against images in a shard."""
    pyplot = _pyplot()
    figure, axis = pyplot.subplots(figsize=(8, 5), layout="constrained")
    sizes = [int(size) for size in figures["shards"]]
    found = figures["shards"].values()
    axis.semilogx(sizes, [outcome["seconds"] for outcome in found], "o-", label="seconds")
    axis.set(xlabel="images a shard", ylabel="seconds", ylim=(0, None))
    share = axis.twinx()
    share.semilogx(sizes, [100 * outcome["driver_share"] for outcome in found], "s--C1")
    share.set(ylabel="% of the time that the driver is at work", ylim=(0, 105))
    figure.savefig(path, dpi=90)
    pyplot.close(figure)


def _pyplot() -> Any:
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    return pyplot
