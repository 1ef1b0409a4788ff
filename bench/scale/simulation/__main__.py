"""A billion images on 10 to 2,000 nodes: the real plan and executor, a simulated cluster.

    python -m bench.scale.simulation

The driver's own cost is measured as it decides; run it on a machine that does nothing else.  What
it finds goes into bench/results/scale-simulation.json, two plots and SIMULATION.md.
"""

import argparse
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any

from bench.marked import place
from bench.pipeline.facts import RESULTS, save
from bench.scale.simulation import page, plots, reality
from bench.scale.simulation.parameters import from_results, told
from bench.scale.simulation.questions import BILLION, asked
from bench.scale.simulation.scenario import outcome_of


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--images", type=int, default=BILLION)
    parser.add_argument("--dry", action="store_true", help="keep nothing in bench/results")
    words = parser.parse_args()
    calls = reality.call_seconds()
    figures: dict[str, Any] = {
        "images": words.images,
        "parameters": told(from_results(call_seconds=calls)),
        "reality": reality.compared(calls),
    }
    scenarios = list(asked(words.images))
    with ProcessPoolExecutor(words.processes, mp_context=get_context("spawn")) as pool:
        outcomes = pool.map(
            outcome_of, [{"call_seconds": calls, **facts} for _, facts in scenarios]
        )
        for (where, _), outcome in zip(scenarios, outcomes, strict=True):
            _keep(figures, where, outcome)
            print(*where, outcome, file=sys.stderr, flush=True)
    print(page.tables(figures))
    if not words.dry:
        save("scale-simulation", figures)
        plots.nodes(figures, RESULTS / "scale-simulation-nodes.png")
        plots.shards(figures, RESULTS / "scale-simulation-shards.png")
        place(page.PAGE, page.tables(figures))


def _keep(figures: dict[str, Any], where: tuple[str, ...], outcome: dict[str, Any]) -> None:
    *rooms, last = where
    for room in rooms:
        figures = figures.setdefault(room, {})
    figures[last] = outcome


if __name__ == "__main__":
    main()
