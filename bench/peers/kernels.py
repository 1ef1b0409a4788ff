"""Kernels: J3, functions from and to NumPy on one photograph of each set, on one core."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt

from bench.peers.checks import pixels
from bench.peers.field import OURS, Peer
from bench.peers.loops.task import MEAN, STD, target
from bench.peers.sets import Photographs
from bench.peers.talk import CannotDo, Talk
from bench.peers.venvs import CannotInstall
from bench.pipeline.fidelity import by_the_formula

Image = npt.NDArray[Any]

# The mean difference from the reference, in levels, up to which a kernel does the same thing.
# Resize: filters differ (area, Lanczos); blur: where the curve is cut off; gray: rounding.
SAME = {"resize": 4.0, "flip": 0.0, "gray": 1.0, "blur": 1.0, "normalize": 0.02}


def in_turns(
    photographs: Photographs, peers: Sequence[Peer], rounds: int, patience: float, folder: Path
) -> dict[str, Any]:
    """For each peer microseconds of every kernel, or why it has none."""
    image = pixels(next(iter(photographs.originals.jpegs.values())))
    wanted = references(image)
    rows: dict[str, Any] = {}
    with ExitStack() as stack:
        talks: dict[str, Talk] = {}
        for peer in peers:
            if "J3" in peer.cannot:
                rows[peer.name] = {"cannot": peer.cannot["J3"]}
                continue
            try:
                talks[peer.name] = stack.enter_context(Talk(peer, 1, patience))
            except CannotInstall as error:
                rows[peer.name] = {"cannot": str(error)}
        found: dict[str, list[dict[str, Any]]] = {name: [] for name in talks}
        for _ in range(rounds):
            for name, talk in talks.items():
                try:
                    found[name].append(_once(talk, image, wanted, folder))
                except CannotDo as error:
                    rows[name] = {"cannot": str(error)}
        ours = found[OURS]
        for name in talks.keys() - rows.keys():
            rows[name] = {"microseconds": _medians(found[name])}
            if name != OURS:
                rows[name]["times_pixelmill"] = _ratios(found[name], ours)
    return rows


def references(image: Image) -> dict[str, Image]:
    """By the formulas, in float64; the blur by its two passes over mirrored edges."""
    levels = image.astype(float)
    return {
        "resize": by_the_formula(image, target(*image.shape[:2])),
        "flip": levels[:, ::-1],
        "gray": levels @ (0.299, 0.587, 0.114),
        "blur": _blurred(levels),
        "normalize": ((levels / 255 - MEAN) / STD).transpose(2, 0, 1),
    }


def difference(made: Image, wanted: Image) -> float:
    """The mean of the absolute ones; infinite where the shapes are not alike."""
    made = np.squeeze(made)
    if made.ndim == 3 and wanted.ndim == 2:
        made = made[..., 0]  # gray in three channels
    if made.shape != wanted.shape:
        return float("inf")
    return float(np.abs(made - wanted).mean())


def _once(talk: Talk, image: Image, wanted: dict[str, Image], folder: Path) -> dict[str, Any]:
    """Microseconds, or in words what is wrong with a kernel."""
    out = folder / "kernels"
    out.mkdir(exist_ok=True)
    np.save(out / "image.npy", image)
    answer = talk.ask(do="kernels", image=str(out / "image.npy"), out=str(out))["microseconds"]
    found = {}
    for name, took in answer.items():
        found[name] = took
        if not isinstance(took, str):
            apart = difference(np.load(out / f"{name}.npy"), wanted[name])
            if apart > SAME[name]:
                found[name] = f"does something else: {apart:.2f} levels apart"
    return found


def _medians(rounds: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {
        name: took if isinstance(took, str) else median(found[name] for found in rounds)
        for name, took in rounds[-1].items()
    }


def _ratios(theirs: Sequence[dict[str, Any]], ours: Sequence[dict[str, Any]]) -> dict[str, float]:
    """How many times as long as pixelmill's, round by round."""
    return {
        name: round(median(a[name] / b[name] for a, b in zip(theirs, ours, strict=True)), 2)
        for name, took in theirs[-1].items()
        if not isinstance(took, str) and not isinstance(ours[-1][name], str)
    }


def _blurred(levels: Image) -> Image:
    """A Gaussian, sigma 1.5, cut at three sigmas."""
    places = np.arange(-4, 5)
    weights = np.exp(-np.square(places) / (2 * 1.5**2))
    weights /= weights.sum()
    for axis in (0, 1):
        around = [(4, 4) if a == axis else (0, 0) for a in range(3)]
        padded = np.pad(levels, around, mode="reflect")
        size = levels.shape[axis]
        levels = sum(
            weight * np.take(padded, range(start, start + size), axis)
            for start, weight in enumerate(weights)
        )
    return levels
