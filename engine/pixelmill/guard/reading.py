"""Reading: a part of the source read by another process, which may die of it.

A decoder of Parquet, gzip or zstd that crashes on a shard costs that shard what comes behind the
crash, as a shard does that is cut short: what was read before is good.
"""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any

from pixelmill import errors, storage
from pixelmill.errors import PixelmillError, SampleError, ShardError
from pixelmill.guard.process import Process
from pixelmill.guard.talk import unpacked, unpacked_found
from pixelmill.sample import Failure, Sample
from pixelmill.sources import Part

Facts = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Reading:
    """How parts are read: from which source of a job, and within how many seconds each sample.

    Without `source` a part is a tar of its own, as the quarantine's are.  `look` is called while a
    sample is waited for; what it raises ends the process.
    """

    job: Facts
    of_source: bool
    seconds: float
    look: Callable[[], None]

    def __call__(self, part: Part) -> Iterator[Sample | Failure]:
        """The part's samples; ShardError where their process ended, or a reader's own error."""
        told = {
            "job": self.job,
            "of_source": self.of_source,
            "part": asdict(part),
            "options": storage.configured(),
        }
        with closing(Process("reader")) as process:
            count = 0
            try:
                process.send(json.dumps(told, default=str).encode())
                while True:
                    facts, blobs = unpacked(process.hear(self.seconds, self.look))
                    if "key" not in facts:
                        break
                    yield unpacked_found(facts, blobs)
                    count += 1
            except SampleError as error:
                raise _broken(part, count, error) from error
            except (EOFError, OSError):
                raise _broken(part, count, process.ended()) from None
        if "error" in facts:
            raise _error(facts["error"], facts["message"])


def _broken(part: Part, count: int, why: SampleError) -> ShardError:
    return ShardError(
        f"{storage.masked(part.url)}: reading it broke off after {count} samples: {why}; what "
        "comes behind them is lost: mend or replace the shard, or update what reads it"
    )


def _error(name: str, message: str) -> PixelmillError:
    """The error of that name, where it is one of ours."""
    kind = getattr(errors, name, None) if name in errors.__all__ else None
    if isinstance(kind, type) and issubclass(kind, ShardError | errors.StorageError):
        return kind(message)
    return PixelmillError(message if kind else f"{name}: {message}")
