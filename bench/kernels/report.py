"""What `pytest bench` measured, as figures to keep: JSON with the machine's facts, a table, a plot.

    pytest bench --benchmark-json=measured.json
    python -m bench.kernels.report measured.json [in-another-environment.json ...]

Writes bench/results/kernels.json and kernels.png, and the table into kernels/README.md.  What was
measured in another environment (Pillow-SIMD and Pillow exclude each other) adds the rivals that the
first one lacks, each against pixelmill in its own run.
"""

import json
import re
import sys
from collections import defaultdict
from pathlib import Path
from typing import Any

from bench.marked import place
from bench.pipeline.facts import RESULTS, save

README = Path(__file__).parents[2] / "kernels" / "README.md"
OURS = "ours"

Figures = dict[str, dict[str, float]]


def main() -> None:
    runs = {path: by_group(_benchmarks(path)) for path in sys.argv[1:]}
    first, *others = runs.values()
    found = joined(ratios(first), *map(ratios, others))
    times = {Path(path).stem: figures for path, figures in runs.items()}
    path = save("kernels", {"microseconds": times, "times_ours": found})
    facts = json.loads(path.read_text(encoding="utf-8"))["machine"]
    plot(found, RESULTS / "kernels.png")
    if README.exists():
        place(README, table(first, found, facts))


def _benchmarks(path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(Path(path).read_text(encoding="utf-8"))["benchmarks"]
    return found


def joined(first: Figures, *others: Figures) -> Figures:
    """The ratios of the first, with the rivals of the others that it lacks."""
    found = {group: dict(rivals) for group, rivals in first.items()}
    for other in others:
        for group, rivals in other.items():
            for rival, ratio in rivals.items():
                found.get(group, {}).setdefault(rival, ratio)
    return found


def by_group(benchmarks: list[dict[str, Any]]) -> Figures:
    """Median microseconds of every rival in a group; groups without ours are left out."""
    found: Figures = defaultdict(dict)
    for one in benchmarks:
        found[one["group"]][rival_of(one)] = round(one["stats"]["median"] * 1e6, 1)
    return {group: times for group, times in found.items() if OURS in times}


def rival_of(benchmark: dict[str, Any]) -> str:
    """The parameter `rival`, a word or a function."""
    name = str((benchmark.get("params") or {}).get("rival", OURS))
    function = re.search(r"<function (\w+)", name)
    return (function.group(1) if function else name).replace("_", " ")


def ratios(figures: Figures) -> Figures:
    """How many times as long as ours each rival takes."""
    return {
        group: {
            rival: round(time / times[OURS], 2) for rival, time in times.items() if rival != OURS
        }
        for group, times in figures.items()
    }


def table(figures: Figures, found: Figures, facts: dict[str, Any]) -> str:
    lines = [
        f"{facts['processor']}, {facts['simd']}, one core; median microseconds, from and to NumPy, "
        "and how many times as long each rival takes.",
        "",
        "| | pixelmill | rivals |",
        "|---|---:|---|",
    ]
    for group, times in figures.items():
        rivals = found[group]
        told = ", ".join(
            f"{name} {rivals[name]:.1f}x" for name in sorted(rivals, key=rivals.__getitem__)
        )
        lines.append(f"| {group} | {times[OURS]:,.0f} µs | {told or 'none does this'} |")
    return "\n".join(lines)


def plot(found: Figures, path: Path) -> None:
    """Each rival as a dot right of the line where pixelmill is faster, left of it where slower."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    groups = [group for group in found if found[group]][::-1]
    rivals = sorted({rival for group in groups for rival in found[group]})
    figure, axes = pyplot.subplots(figsize=(9, 1.2 + 0.22 * len(groups)), layout="constrained")
    for rival in rivals:
        places = [y for y, group in enumerate(groups) if rival in found[group]]
        axes.plot([found[groups[y]][rival] for y in places], places, "o", ms=5, label=rival)
    axes.axvline(1, color="black", lw=1)
    axes.set_xscale("log")
    axes.set_yticks(range(len(groups)), groups, fontsize=7)
    axes.set_ylim(-1, len(groups))
    axes.grid(axis="x", which="both", lw=0.3)
    axes.set_xlabel("times as long as pixelmill, one core")
    axes.legend(fontsize=7, loc="lower right")
    figure.savefig(path, dpi=110)
    pyplot.close(figure)


if __name__ == "__main__":
    main()
