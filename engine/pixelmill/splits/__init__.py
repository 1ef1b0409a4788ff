"""splits: which side of a split a sample goes to, and whether anything is on two sides."""

from functools import partial

from pixelmill.job import Job
from pixelmill.splits.decided import decide, expect_names, read_decided
from pixelmill.splits.leaks import Leaks, find_leaks
from pixelmill.splits.marks import Mark, Marks
from pixelmill.splits.sides import Sides

__all__ = ["Leaks", "Mark", "Marks", "Sides", "decide", "expect_names", "find_leaks", "sides_of"]


def sides_of(job: Job) -> Sides | None:
    """What tells the sides of a job's samples; None where it has no split."""
    return Sides(job.split, partial(read_decided, job.output)) if job.split else None
