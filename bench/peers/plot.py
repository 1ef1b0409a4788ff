"""Plot: images a second of each peer, a panel for each job and set, one core."""

from pathlib import Path
from typing import Any

from bench.peers.field import FIELD, FLOORS, OURS
from bench.peers.page import aliased
from bench.peers.sets import JOBS, RECIPES

COLOURS = {OURS: "#d1495b", **dict.fromkeys(FLOORS, "#9aa5b1")}
OTHERS = "#30638e"
COLUMNS = 3


def draw(found: dict[str, Any], path: Path) -> None:
    """Write the picture; nothing where no cell is of one core."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    cells = [found["cells"].get(f"{name}/{job}/1") for job, names in JOBS.items() for name in names]
    cells = [cell for cell in cells if cell]
    if not cells:
        return
    lines = -(-len(cells) // COLUMNS)
    figure, every = pyplot.subplots(
        lines, COLUMNS, figsize=(15, 4.4 * lines), layout="constrained", squeeze=False
    )
    for axes, cell in zip(every.flat, cells, strict=False):
        _panel(axes, cell)
    for axes in every.flat[len(cells) :]:
        axes.axis("off")
    machine = found["machine"]
    figure.suptitle(f"images/s on one core, {machine['processor']}; hatched: not antialiased")
    figure.savefig(path, dpi=100)
    pyplot.close(figure)


def _panel(axes: Any, cell: dict[str, Any]) -> None:
    rows = [(p, cell["rows"].get(p.name, {})) for p in FIELD]
    told = [(peer, row) for peer, row in rows if "images_per_second" in row]
    told.sort(key=lambda pair: pair[1]["images_per_second"])
    rates = [row["images_per_second"] for _, row in told]
    bars = axes.barh(
        [peer.title.replace("`", "") for peer, _ in told],
        rates,
        color=[COLOURS.get(peer.name, OTHERS) for peer, _ in told],
    )
    for bar, (_, row) in zip(bars, told, strict=True):
        if aliased(row):
            bar.set_hatch("///")
            bar.set_edgecolor("white")
    axes.bar_label(bars, [f"{rate:,.0f}" for rate in rates], padding=2, fontsize=7)
    axes.tick_params(labelsize=7)
    axes.set_title(f"{cell['job']} {RECIPES[cell['set']].title}", fontsize=9)
    axes.margins(x=0.12)
