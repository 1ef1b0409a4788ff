"""Checks: whether a peer did the job at all, and how well: against the formula, in float64."""

import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, JpegImagePlugin

from bench.peers.loops.task import CROP, MEAN, SIDE, STD, target
from bench.pipeline.fidelity import by_the_formula

Floats = npt.NDArray[np.floating[Any]]

# A peer's own filter and one generation of JPEG leave at least 25 dB; another image leaves some 10.
LEAST_DB = 20.0
# Between the levels of sources and of random crops of them; shuffled ones have nearly none.
LEAST_LIKENESS = 0.5
_CHROMA = {0: "4:4:4", 1: "4:2:2", 2: "4:2:0"}


class Wrong(Exception):
    """What a peer left out or made otherwise than asked."""


@dataclass(frozen=True, slots=True)
class Originals:
    """The photographs of a set, by key in the order of the shards; `looked` at are so many."""

    jpegs: Mapping[str, bytes]
    looks: int = 12
    _made: dict[tuple[str, int, int], Floats] = field(default_factory=dict)

    @classmethod
    def of(cls, tars: Sequence[str], looks: int = 12) -> "Originals":
        return cls(dict(pair for tar in tars for pair in jpegs_in(tar)), looks)

    @property
    def looked(self) -> list[str]:
        keys = list(self.jpegs)
        return keys[:: max(len(keys) // self.looks, 1)][: self.looks]

    def small(self, key: str, size: tuple[int, int]) -> Floats:
        """By the formula, in levels; made once."""
        if (key, *size) not in self._made:
            self._made[(key, *size)] = by_the_formula(pixels(self.jpegs[key]), size)
        return self._made[(key, *size)]


def jpegs_in(tar: str | Path) -> Iterator[tuple[str, bytes]]:
    with tarfile.open(tar) as shard:
        for member in shard:
            if member.name.endswith(".jpg"):
                yield Path(member.name).stem, shard.extractfile(member).read()  # type: ignore[union-attr]


def written_in(out: Path) -> Iterator[tuple[str, bytes]]:
    """Keys and JPEGs of all shards below `out`; of another format, as its own reader gave them."""
    for tar in sorted(out.rglob("as-read.tar")) or sorted(out.rglob("*.tar")):
        yield from jpegs_in(tar)


def pixels(data: bytes) -> npt.NDArray[np.uint8]:
    return np.asarray(Image.open(BytesIO(data)).convert("RGB"))


def check_shards(out: Path, originals: Originals) -> dict[str, Any]:
    """PSNR and chroma of the images below `out`; `Wrong` where one is missing, or is another's."""
    found = dict(written_in(out))
    _expect_all(list(found), originals)
    chroma = set()
    for key, data in found.items():
        image = Image.open(BytesIO(data))
        _expect_size(key, (image.height, image.width), _size_of(originals.jpegs[key]))
        if image.mode == "RGB":
            chroma.add(_CHROMA.get(JpegImagePlugin.get_sampling(image), "?"))
    values = [_psnr(key, pixels(found[key]), originals) for key in originals.looked]
    return {"psnr_db": round(float(np.mean(values)), 2), "chroma": ", ".join(sorted(chroma))}


def check_tensors(
    images: Floats, keys: Sequence[str | None], originals: Originals
) -> dict[str, Any]:
    """PSNR of the crops in the middle, levels given back; `Wrong` as above."""
    told = _expect_batches(images, keys, originals)
    values = []
    for key in originals.looked:
        small = originals.small(key, target(*_size_of(originals.jpegs[key])))
        values.append(max(_decibel(levels(told[key]), middle) for middle in _middles(small)))
        _expect_likeness(key, values[-1])
    return {"psnr_db": round(float(np.mean(values)), 2)}


def check_crops(images: Floats, keys: Sequence[str | None], originals: Originals) -> dict[str, Any]:
    """How alike the levels of random crops and of their sources are, from -1 to 1."""
    told = _expect_batches(images, keys, originals)
    pairs = [
        (pixels(data).mean(), levels(told[key]).mean()) for key, data in originals.jpegs.items()
    ]
    likeness = float(np.corrcoef(np.array(pairs).T)[0, 1])
    if not likeness >= LEAST_LIKENESS:
        raise Wrong(f"crops are of other images: their levels are alike by {likeness:.2f} only")
    return {"likeness": round(likeness, 2)}


def _expect_batches(
    images: Floats, keys: Sequence[str | None], originals: Originals
) -> dict[str, Floats]:
    if images.dtype != np.float32 or images.shape[1:] != (3, CROP, CROP):
        raise Wrong(f"{images.dtype} {images.shape}, wanted float32 [N, 3, {CROP}, {CROP}]")
    if all(key is None for key in keys):  # it keeps the order
        keys = list(originals.jpegs)[: len(images)]
    _expect_all([key for key in keys if key], originals)
    return dict(zip((str(key) for key in keys), images, strict=True))


def _expect_all(keys: Sequence[str], originals: Originals) -> None:
    told = set(keys)
    missing = [key for key in originals.jpegs if key not in told]
    if missing:
        raise Wrong(f"lacks {len(missing)} of {len(originals.jpegs)} images, {missing[0]} first")
    if len(keys) != len(originals.jpegs):
        raise Wrong(f"has {len(keys)} images of {len(originals.jpegs)}")


def _expect_size(key: str, size: tuple[int, int], source: tuple[int, int]) -> None:
    """The shorter side is exact; the longer is rounded, up or down."""
    wanted = target(*source)
    if min(size) != SIDE or max(abs(a - b) for a, b in zip(size, wanted, strict=True)) > 1:
        raise Wrong(f"{key} is {size[1]} x {size[0]}, wanted {wanted[1]} x {wanted[0]}")


def _psnr(key: str, image: npt.NDArray[np.uint8], originals: Originals) -> float:
    value = _decibel(image, originals.small(key, image.shape[:2]))
    _expect_likeness(key, value)
    return value


def _expect_likeness(key: str, value: float) -> None:
    if value < LEAST_DB:
        raise Wrong(f"{key} is another image: {value:.1f} dB")


def _decibel(image: Any, wanted: Floats) -> float:
    error = np.mean(np.square(np.asarray(image, np.float64) - wanted))
    return float(10 * np.log10(255**2 / max(error, 1e-9)))


def levels(tensor: Floats) -> Floats:
    """[3, H, W] as it was before it was normalised: [H, W, 3], 0 to 255."""
    levels: Floats = 255 * (tensor.transpose(1, 2, 0).astype(float) * STD + MEAN)
    return levels


def _middles(image: Floats) -> Iterator[Floats]:
    """The crops that count as the middle one: an odd rest may be on either side."""
    tops, lefts = ({(n - CROP) // 2, (n - CROP + 1) // 2} for n in image.shape[:2])
    for top in tops:
        for left in lefts:
            yield image[top : top + CROP, left : left + CROP]


def _size_of(data: bytes) -> tuple[int, int]:
    image = Image.open(BytesIO(data))
    return image.height, image.width
