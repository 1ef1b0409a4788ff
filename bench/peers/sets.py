"""Sets: the photographs of a comparison, in shards that all peers read."""

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from io import BytesIO

import webdataset as wds
from PIL import Image

from bench.peers import zone
from bench.peers.checks import Originals
from pixelmill import Job, run
from pixelmill.demo.looks import Kind
from pixelmill.demo.samples import write_samples

SMALL = "small"


@dataclass(frozen=True, slots=True)
class Recipe:
    """So many photographs in so many shards, how many to warm up with, at how many to look."""

    title: str
    size: Kind
    images: int
    shards: int
    warm: int
    looks: int = 12


RECIPES = {
    "imagenet": Recipe("ImageNet-sized", "imagenet", 800, 8, 32),
    "web": Recipe("web-sized", "web", 200, 4, 8, looks=8),
    "camera": Recipe("12 megapixels", "camera", 24, 4, 2, looks=4),
    SMALL: Recipe("256-px shards", "imagenet", 1600, 8, 64),
}
JOBS = {"J1": ("imagenet", "web", "camera"), "J2": ("imagenet", "web", "camera"), "J4": (SMALL,)}


@dataclass(frozen=True, slots=True)
class Photographs:
    """`tars` are measured, the one of `warm` is read before; `plate` is for the eye of a filter."""

    name: str
    tars: Sequence[str]
    warm: str
    plate: str
    originals: Originals

    @property
    def facts(self) -> dict[str, int]:
        count = len(self.originals.jpegs)
        size = sum(map(len, self.originals.jpegs.values()))
        return {"images": count, "shards": len(self.tars), "bytes": size // count}

    @property
    def reduced(self) -> bool:
        """Whether a decoder can make these smaller, and still leave twice the target."""
        return self.name in ("web", "camera")


def photographs(name: str, folder: str, times: float = 1.0) -> Photographs:
    """The set below `folder`, with so many times the photographs of its recipe."""
    recipe = RECIPES[name]
    recipe = replace(recipe, images=max(round(recipe.images * times), recipe.shards))
    here = os.path.join(folder, name)
    tars = write_samples(f"{here}/in", recipe.images, recipe.shards, size=recipe.size)
    (warm,) = write_samples(f"{here}/warm", recipe.warm, 1, seed=1, size=recipe.size)
    if name == SMALL:
        tars, (warm,) = _resized(tars, f"{here}/small"), _resized([warm], f"{here}/warm-small")
    originals = Originals.of(tars, recipe.looks)
    return Photographs(name, tars, warm, _plate(f"{here}/plate.tar"), originals)


def _resized(tars: Sequence[str], folder: str) -> list[str]:
    report = run(Job(source=list(tars), output=folder, transforms=[{"resize": 256}]))
    assert report.exit_code == 0, report.to_json()
    return sorted(e.path for e in os.scandir(folder) if e.name.endswith(".tar"))


def _plate(tar: str) -> str:
    """A zone plate as the one sample of a shard, with a class as the others have."""
    sink = BytesIO()
    Image.fromarray(zone.plate()).save(sink, "JPEG", quality=98, subsampling="4:4:4")
    with wds.TarWriter(tar) as shard:
        shard.write({"__key__": "plate", "jpg": sink.getvalue(), "cls": b"0", "json": b"{}"})
    return tar
