"""pixelmill itself, in this process."""

from collections.abc import Callable, Sequence
from typing import Any

from bench.peers.loops import task
from bench.peers.loops.task import SIDE, SIGMA


def shards_to_shards(tars: Sequence[str], out: str, cores: int) -> int:
    from pixelmill import Job, run

    job = Job(source=list(tars), output=out, transforms=[{"resize": SIDE}], executor=_on(cores))
    report = run(job)
    if report.exit_code:
        raise RuntimeError(str(report.to_json()))
    return report.tally.written


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
