"""feed: a job's samples as batches in memory, for training; nothing is written."""

from pixelmill.feed.batch import Batch
from pixelmill.feed.epoch import Batches, batches

__all__ = ["Batch", "Batches", "batches"]
