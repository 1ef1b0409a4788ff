"""Needs: what one worker of a job takes, and how many of them a node of Ray's has room for."""

from collections.abc import Sequence
from typing import Any

from pydantic import ByteSize

from pixelmill.exchange.gather import SORTED_BATCH
from pixelmill.exchange.runs import RUN_BYTES
from pixelmill.executors import in_flight
from pixelmill.job import Job, WorkerNeeds

# Read ahead and upload behind: six pieces of 8 MiB a task.
CHUNKS = 6 * 8 * 2**20
# The interpreter, the kernels and the codecs: the peak of a worker over ordinary photographs was
# 232 MB (bench/results), of which 96 MiB are the above.
BARE = 160 * 2**20
# A photograph of 12 megapixels in hand, with a copy of it as float32: 180 MB.  Larger images are
# giants: they go one at a time on a node.
ORDINARY = 64 * 2**20
IN_HAND = 4 * ORDINARY


def needs_of(job: Job, nodes: Sequence[dict[str, Any]]) -> WorkerNeeds:
    """What the job says, and the memory that the plan says where it does not.

    No more than the largest node has: a worker that fits nowhere would be waited for in vain.
    """
    needs = job.executor.worker
    if needs.memory is not None:
        return needs
    memory = (
        BARE + needs.cpus * IN_HAND + in_flight(job, needs.cpus) * CHUNKS + exchange_memory(job)
    )
    largest = max((int(node["Resources"].get("memory", 0)) for node in nodes), default=0)
    memory = min(memory, largest or memory)
    return needs.model_copy(update={"memory": ByteSize(memory)})


def exchange_memory(job: Job) -> int:
    """What the exchange holds of one task's samples: a sorted run, or a batch to be gathered."""
    return RUN_BYTES if job.shuffle else SORTED_BATCH if job.exchanges(job.outputs[0]) else 0


def fits(has: dict[str, float], needs: WorkerNeeds) -> int:
    """How many workers a node has room for."""
    asked: dict[str, float] = {"CPU": needs.cpus, **needs.resources}
    if needs.memory is not None:
        asked["memory"] = needs.memory
    return min(int(has.get(name, 0.0) // amount) for name, amount in asked.items())
