"""pixelmill: image shards in, training-ready shards out; fast, exactly once, honest.

>>> import pixelmill
>>> from pixelmill import Job
>>> pixelmill.run(Job(source="photos/", output="out/", transforms=[{"resize": 256}]))
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pixelmill.feed import Batch, Batches, batches
    from pixelmill.job import Decode, Encode, Executor, Job, Output, Shards, Source
    from pixelmill.run import Report, run
    from pixelmill.sample import Drop, Sample

__version__ = "0.1.0"

_HOME = {
    "Batch": "feed",
    "Batches": "feed",
    "Decode": "job",
    "Drop": "sample",
    "Encode": "job",
    "Executor": "job",
    "Job": "job",
    "Output": "job",
    "Report": "run",
    "Sample": "sample",
    "Shards": "job",
    "Source": "job",
    "batches": "feed",
    "run": "run",
}

__all__ = [
    "Batch",
    "Batches",
    "Decode",
    "Drop",
    "Encode",
    "Executor",
    "Job",
    "Output",
    "Report",
    "Sample",
    "Shards",
    "Source",
    "batches",
    "run",
]


def __getattr__(name: str) -> Any:
    """Imported on first use, so that `import pixelmill` and `--help` answer at once."""
    if name not in _HOME:
        raise AttributeError(f"module 'pixelmill' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"pixelmill.{_HOME[name]}"), name)
