"""Rounds: one job on one set on so many cores, by all peers in turns: A B C, A B C.

All of them are started first, each by itself: what comes first out of a new process is timed, then
what they make is checked, and their memory watched.  Whoever waits for a turn is stopped whole.
"""

import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from bench.peers.checks import (
    Wrong,
    check_crops,
    check_shards,
    check_tensors,
    levels,
    pixels,
    written_in,
)
from bench.peers.field import FLOORS, OURS, Peer
from bench.peers.loops.task import target
from bench.peers.sets import Photographs
from bench.peers.talk import CannotDo, Talk
from bench.peers.venvs import CannotInstall
from bench.peers.zone import SIDE, aliasing

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Cell:
    """`patience` are a peer's seconds for each answer; `folder` is for what they write."""

    job: str
    photographs: Photographs
    cores: int
    rounds: int
    patience: float
    folder: Path

    @property
    def out(self) -> str:
        """An empty folder."""
        out = self.folder / "out"
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        return str(out)


@dataclass(slots=True)
class Runner:
    """A peer that has been started, what it reads, and what was found of it."""

    talk: Talk
    tars: Sequence[str]
    row: Row
    rates: list[float] = field(default_factory=list)


def in_turns(cell: Cell, peers: Sequence[Peer]) -> dict[str, Row]:
    """A row for each peer: figures, or `cannot` with the reason."""
    rows: dict[str, Row] = {}
    with ExitStack() as stack:
        runners: dict[str, Runner] = {}
        for peer in peers:
            reason = peer.cannot.get(cell.job)
            try:
                if reason:
                    raise CannotDo(reason)
                runners[peer.name] = _started(stack, cell, peer)
            except (CannotDo, CannotInstall, Wrong) as error:
                rows[peer.name] = {"cannot": str(error)}
            _tell(cell, peer, rows.get(peer.name) or runners[peer.name].row)
        for _ in range(cell.rounds):
            for name, runner in list(runners.items()):
                try:
                    runner.rates.append(_rate(cell, runner))
                except CannotDo as error:
                    rows[name] = {"cannot": str(error)}
                    del runners[name]
        return rows | _figures(runners)


def _started(stack: ExitStack, cell: Cell, peer: Peer) -> Runner:
    # One that fails here must not run on beside the others.
    with ExitStack() as own:
        runner = _warm(own.enter_context(Talk(peer, cell.cores, cell.patience)), cell)
        runner.talk.pause()
        stack.push(own.pop_all())
    return runner


def _warm(talk: Talk, cell: Cell) -> Runner:
    talk.ask(do="can")
    warm, spent = _prepared(talk, cell, [cell.photographs.warm], "warm")
    first = _asked_to_run(talk, cell, warm)["first"] - talk.born - spent
    tars, _ = _prepared(talk, cell, cell.photographs.tars, "tars")
    runner = Runner(talk, tars, {})
    if talk.peer.name in FLOORS:
        return runner
    with talk.watched() as seen:
        _rate(cell, runner)
    runner.row |= {"first_output_seconds": round(first, 2), "peak_mb": round(max(seen) / 1e6)}
    runner.row |= _checked(talk, cell, tars)
    return runner


def _prepared(
    talk: Talk, cell: Cell, tars: Sequence[str], name: str
) -> tuple[Sequence[str], float]:
    """What it reads instead of the tars, and the seconds that making it took."""
    if cell.job != "J4" and talk.peer.name not in FLOORS:
        return tars, 0.0
    folder = cell.folder / talk.peer.name / name
    shutil.rmtree(folder, ignore_errors=True)
    answer = talk.ask(do="prepare", tars=list(tars), folder=str(folder))
    return answer["tars"], answer["seconds"]


def _asked_to_run(talk: Talk, cell: Cell, tars: Sequence[str]) -> dict[str, Any]:
    return talk.ask(do="run", job=cell.job, tars=list(tars), out=cell.out)


def _rate(cell: Cell, runner: Runner) -> float:
    """Images a second, the peer alone awake."""
    talk, times = runner.talk, runner.talk.peer.times
    talk.go_on()
    try:
        answer = _asked_to_run(talk, cell, list(runner.tars) * times)
    finally:
        talk.pause()
    wanted = times * len(cell.photographs.originals.jpegs)
    if answer["images"] != wanted:
        raise CannotDo(f"made {answer['images']} of {wanted} images")
    return wanted / float(answer["seconds"])


def _checked(talk: Talk, cell: Cell, tars: Sequence[str]) -> Row:
    """What is found of a run that is kept, and of a plate where all of the image is seen."""
    talk.go_on()
    out, answer = _kept(talk, cell, tars)
    originals = cell.photographs.originals
    if cell.job == "J1":
        found = check_shards(out, originals)
    else:
        check = check_tensors if cell.job == "J2" else check_crops
        found = check(np.load(out / "images.npy"), answer["keys"], originals)
    if cell.job == "J4":
        return found
    out, _ = _kept(talk, cell, [cell.photographs.plate])
    if cell.job == "J1":
        small = pixels(next(data for _, data in written_in(out)))
    else:
        small = levels(np.load(out / "images.npy")[0])
    return found | {"aliasing": round(aliasing(small, SIDE / target(SIDE, SIDE)[0]), 3)}


def _kept(talk: Talk, cell: Cell, tars: Sequence[str]) -> tuple[Path, dict[str, Any]]:
    out = cell.out
    return Path(out), talk.ask(do="keep", job=cell.job, tars=list(tars), out=out)


def _figures(runners: dict[str, Runner]) -> dict[str, Row]:
    ours = runners[OURS].rates if OURS in runners else []
    found = {}
    for name, runner in runners.items():
        row = {"images_per_second": round(median(runner.rates), 1), **runner.row}
        row["rounds"] = [round(rate, 1) for rate in runner.rates]
        if ours and name != OURS:
            pairs = zip(ours, runner.rates, strict=True)
            row["pixelmill_is_times"] = round(median(a / b for a, b in pairs), 3)
        found[name] = row
    return found


def _tell(cell: Cell, peer: Peer, row: Row) -> None:
    where = f"{cell.job} {cell.photographs.name}, cores {cell.cores}"
    print(f"{where}: {peer.name} {row or 'is ready'}", flush=True)
