"""Told: the statistics of an output as its manifest has them, with the means that follow."""

from collections.abc import Mapping
from math import sqrt
from typing import Any

_DIGITS = 6  # decimals of a level; the sums beside it are exact


def told(counts: Mapping[str, int]) -> dict[str, Any]:
    """{"levels": {"uint8x3": {"sums": [...], "mean": [...] ...}}, "sizes": {"256x384": 9 ...} ...}.

    Levels are those handed to the encoder, 0..255 or 0..65535; mean = sums / pixels, std is that of
    all pixels.  Keys of histograms are the lower edges of bins; sizes are width x height, areas
    shares of the image, aspects width / height.
    """
    tree: dict[str, Any] = {}
    for place in sorted(counts, key=_ordered):
        at = tree
        *rooms, last = place.split("/")
        for room in rooms:
            at = at.setdefault(room, {})
        at[last] = counts[place]
    for name, found in tree.get("levels", {}).items():
        if "sums" in found:
            tree["levels"][name] = _levels(found)
    return tree


def _levels(found: dict[str, Any]) -> dict[str, Any]:
    pixels = found["pixels"]
    sums, squares = list(found["sums"].values()), list(found["squares"].values())
    # Whole numbers of any length: nothing is lost before the one division.
    spread = [pixels * q - s * s for s, q in zip(sums, squares, strict=True)]
    return {
        **found,
        "sums": sums,
        "squares": squares,
        "mean": [round(s / pixels, _DIGITS) for s in sums],
        "std": [round(sqrt(v / pixels**2), _DIGITS) for v in spread],
    }


def _ordered(place: str) -> list[tuple[float, str]]:
    """Numbers by what they are, names by their letters."""
    return [(_number(part), part) for part in place.replace("x", "/").split("/")]


def _number(part: str) -> float:
    return float(part) if part.replace(".", "").replace("e-", "").isdigit() else -1.0
