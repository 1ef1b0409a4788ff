"""Everybody's way to the same four jobs, in one run, by turns: who is how fast, and is it right?

    python -m bench.peers                                  all of it, some 20 minutes on two cores
    python -m bench.peers --sets web --jobs J1 --peers kornia,vips --rounds 5
    python -m bench.peers --install                        the environments, and nothing else
    python -m bench.peers --page                           the page and the plot of what is known

J1: shards to shards; J2: tensors; J3: kernels; J4: a training reader's random crops.  A run of a
part keeps the other rows of bench/results/peers.json, where those are of this machine.
"""

import argparse
import os
import signal
import sys
import tempfile
from pathlib import Path

from bench.peers import kernels, page, plot, results, venvs
from bench.peers.field import FIELD, OURS, Peer
from bench.peers.rounds import Cell, in_turns
from bench.peers.sets import JOBS, RECIPES, SMALL, photographs
from bench.pipeline.facts import RESULTS
from pixelmill_kernels.warmup import warmup


def main() -> None:
    # A run that is ended must end its peers, too: those that wait are stopped, and would stay so.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    asked = _arguments()
    peers = [p for p in FIELD if p.name in asked.peers or p.name == OURS]
    if asked.install:
        print("\n".join(f"{peer.name}: {_installed(peer)}" for peer in peers))
    elif not asked.page:
        _measure(asked, peers)
    found = results.read()
    if found["cells"]:
        plot.draw(found, RESULTS / "peers.png")
        page.place_in_readme(found)


def _measure(asked: argparse.Namespace, peers: list[Peer]) -> None:
    warmup()  # the others' are compiled when they are installed
    with tempfile.TemporaryDirectory() as folder:
        wanted = [s for s in RECIPES if s in asked.sets and _jobs(asked, s)]
        for name in wanted:
            print(f"making the photographs: {RECIPES[name].title}", flush=True)
            made = photographs(name, folder, asked.images)
            those = [p for p in peers if made.reduced or not p.large_only]
            for job in _jobs(asked, name):
                for cores in asked.cores:
                    cell = Cell(job, made, cores, asked.rounds, asked.patience, Path(folder))
                    results.add(name, job, cores, made.facts, in_turns(cell, those))
            if "J3" in asked.jobs and name != SMALL:
                rows = kernels.in_turns(made, those, asked.rounds, asked.patience, Path(folder))
                results.add(name, "J3", 1, made.facts, rows)


def _jobs(asked: argparse.Namespace, name: str) -> list[str]:
    return [job for job, sets in JOBS.items() if name in sets and job in asked.jobs]


def _installed(peer: Peer) -> str:
    try:
        return str(venvs.python_of(peer))
    except venvs.CannotInstall as error:
        return f"cannot be installed: {error}"


def _arguments() -> argparse.Namespace:
    def some(of: list[str]) -> dict[str, object]:
        def parsed(text: str) -> list[str]:
            for word in (words := text.split(",")):
                if word not in of:
                    raise argparse.ArgumentTypeError(f"no {word!r}: choose of {', '.join(of)}")
            return words

        return {"type": parsed, "default": of}

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sets", **some(list(RECIPES)), help="of the photographs")  # type: ignore[arg-type]
    parser.add_argument("--jobs", **some(["J1", "J2", "J3", "J4"]))  # type: ignore[arg-type]
    parser.add_argument("--peers", **some([p.name for p in FIELD]), help="beside pixelmill")  # type: ignore[arg-type]
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--images", type=float, default=1.0, help="times the usual photographs")
    parser.add_argument("--patience", type=float, default=120, help="seconds for each answer")
    parser.add_argument("--cores", type=_cores, default=_cores(f"1,{_all_cores()}"))
    parser.add_argument("--install", action="store_true", help="make the environments only")
    parser.add_argument("--page", action="store_true", help="write the page and the plot again")
    return parser.parse_args()


def _cores(text: str) -> list[int]:
    return list(dict.fromkeys(int(word) for word in text.split(",")))


def _all_cores() -> int:
    return len(os.sched_getaffinity(0))


if __name__ == "__main__":
    main()
