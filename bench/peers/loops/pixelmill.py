"""pixelmill itself, in this process."""

from collections.abc import Callable, Sequence
from itertools import count
from typing import Any

from bench.peers.loops import task
from bench.peers.loops.task import BATCH, CROP, SIDE, SIGMA

_EPOCHS = count()


def shards_to_shards(tars: Sequence[str], out: str, cores: int) -> int:
    from pixelmill import Job, run

    job = Job(source=list(tars), output=out, transforms=[{"resize": SIDE}], executor=_on(cores))
    report = run(job)
    if report.exit_code:
        raise RuntimeError(str(report.to_json()))
    return report.tally.written


def tensors(tars: Sequence[str], cores: int) -> task.Batches:
    return _batches(tars, cores, [{"resize": SIDE}, {"center_crop": CROP}, "normalize"])


def reader(tars: Sequence[str], cores: int) -> task.Batches:
    steps = [{"random_resized_crop": CROP}, "flip", "normalize"]
    return _batches(tars, cores, steps, epoch=next(_EPOCHS))


def _batches(tars: Sequence[str], cores: int, steps: list[Any], epoch: int = 0) -> task.Batches:
    from pixelmill import Job, batches

    image = {"format": "npy", "dtype": "float32", "layout": "chw"}
    job = Job(
        source=list(tars), output="unused", transforms=steps, outputs=[{"image": image}],
        executor=_on(cores),
    )  # fmt: skip
    for batch in batches(job, BATCH, epoch=epoch):
        yield list(batch.keys), batch.images


def kernels() -> dict[str, Callable[[Any], Any]]:
    from pixelmill_kernels.gaussian import gaussian
    from pixelmill_kernels.geometry import flip
    from pixelmill_kernels.grayscale import grayscale
    from pixelmill_kernels.normalize import normalize
    from pixelmill_kernels.resize import resize

    return {
        "resize": lambda a: resize(a, task.target(*a.shape[:2])),
        "flip": flip,
        "gray": grayscale,
        "blur": lambda a: gaussian(a, SIGMA),
        "normalize": lambda a: normalize(a, task.MEAN, task.STD),
    }


def _on(cores: int) -> dict[str, Any]:
    return {"kind": "inline", "workers": cores}
