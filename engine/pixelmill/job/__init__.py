"""job: what the user asks for; one typed model, and the ways in and out of a file."""

from pixelmill.codecs.options import Decode, Encode
from pixelmill.job.draw import Draw
from pixelmill.job.file import job_from, parse_job, put, read_job, write_job
from pixelmill.job.model import (
    NO_BYTES,
    Executor,
    Job,
    Output,
    Source,
    Stragglers,
    WorkerNeeds,
)
from pixelmill.job.shards import Shards
from pixelmill.job.split import Split
from pixelmill.job.steps import step_name

__all__ = [
    "NO_BYTES",
    "Decode",
    "Draw",
    "Encode",
    "Executor",
    "Job",
    "Output",
    "Shards",
    "Source",
    "Split",
    "Stragglers",
    "WorkerNeeds",
    "job_from",
    "parse_job",
    "put",
    "read_job",
    "step_name",
    "write_job",
]
