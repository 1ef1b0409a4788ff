"""Epoch: the samples of a job, once each, decoded and transformed on threads, as batches."""

import threading
import warnings
from types import TracebackType

from pixelmill.errors import JobError
from pixelmill.executors import cores
from pixelmill.feed.batch import Batch
from pixelmill.feed.making import Making
from pixelmill.job import Job
from pixelmill.plan import make_plan
from pixelmill.storage.ahead import ahead
from pixelmill.tally import Tally


def batches(
    job: Job,
    size: int,
    *,
    workers: int | None = None,
    seed: int | None = None,
    epoch: int = 0,
    drop_last: bool = False,
    waiting: int = 2,
) -> "Batches":
    """The samples of a job in memory, `size` at a time, in the order of its plan.

    The pixels are those that a run of the job writes as arrays, bit for bit, whatever the number of
    threads: `outputs[0].image` says their dtype and layout; of another format than npy they are the
    levels that would be encoded.  Nothing is written, and `output` may be any folder.

    >>> job = Job(source="shards/", output="unused", transforms=[{"resize": 256},
    ...           {"center_crop": 224}, "normalize"],
    ...           outputs=[{"image": {"format": "npy", "dtype": "float32", "layout": "chw"}}])
    >>> for batch in pixelmill.batches(job, 64):
    ...     loss = model(torch.from_numpy(batch.images), torch.from_numpy(batch.labels))

    Parameters
    ----------
    size
        Images in a batch; in the last one what is left, or with `drop_last` none of it.
    workers
        Threads; those of `job.executor`, or else one for each core.
    seed, epoch
        Random transforms draw by (seed, key, transform, epoch): another epoch is drawn anew, and
        epoch 0 of the job's own seed is what a run writes.
    waiting
        Finished batches that may wait for the caller.  Beside these and the caller's own there are
        one that is being made and the rows of `2 * workers` samples; decoded pixels stay within
        `executor.memory`.

    Raises
    ------
    JobError
        A batch cannot be made of such a job, or there is nothing to read.  While iterating: images
        are of different sizes.
    BudgetExceeded
        While iterating: more samples failed than `max_failures` allows.
    """
    expect_batches(job, size, workers, waiting)
    job = job if seed is None else job.model_copy(update={"seed": seed})
    workers = workers or job.executor.workers or cores()
    return Batches(Making(job, make_plan(job), size, workers, epoch, drop_last), waiting)


class Batches:
    """An iterator of batches, made ahead by threads; `close` ends these, as does its own end.

    `tally` says what became of the samples up to the last batch that was handed out.  Those that
    failed are its `quarantined`, though nothing is kept of them, and `failures` tells of the latest
    of them; those of a last batch that is left out are its `dropped["last_batch"]`.  `damaged`
    tells of input shards that broke off, of each of which there is a RuntimeWarning, too.
    """

    def __init__(self, making: Making, waiting: int) -> None:
        self.tally = Tally()
        self.failures: list[str] = []
        self.damaged: list[str] = []
        self._made = ahead(making.batches(stop := threading.Event()), stop, waiting)

    def __iter__(self) -> "Batches":
        return self

    def __next__(self) -> Batch:
        for batch, counted in self._made:
            self.tally += counted.tally
            self.failures = [*self.failures, *counted.failures][-MOST_TOLD:]
            self.damaged += counted.damaged
            for told in counted.damaged:
                warnings.warn(told, RuntimeWarning, stacklevel=2)
            if batch is not None:
                return batch
        raise StopIteration

    def close(self) -> None:
        self._made.close()

    def __enter__(self) -> "Batches":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


MOST_TOLD = 20  # failures: the tally counts them all


def expect_batches(job: Job, size: int, workers: int | None, waiting: int) -> None:
    """JobError where no batches can be made of it."""
    mistakes = [
        f"{name}: expected 1 or more, got {value}"
        for name, value in (("size", size), ("workers", workers or 1), ("waiting", waiting))
        if value < 1
    ]
    if len(job.outputs) > 1:
        names = ", ".join(output.name for output in job.outputs)
        mistakes.append(f"outputs: a batch is of one output, got {names}; leave one of them")
    elsewhere = {
        "shuffle": job.shuffle,
        "untouched": job.untouched,
        "split": job.split,
        "source.labels": job.source.labels,
        "outputs[0].sample": job.outputs[0].sample,
    }
    mistakes += [
        f"{word}: batches are made without it; run the job, and make batches of its output"
        for word, said in elsewhere.items()
        if said
    ]
    if mistakes:
        raise JobError(mistakes)
