"""What can go wrong, and in which words it is said: what, where, got against expected, how to mend.

PixelmillError
├── JobError             the job is wrong (every mistake at once); nothing has run  (ValueError)
├── MissingPackage       an optional package is not installed; carries its pip line  (ImportError)
├── StorageError         a URL could not be read, listed or written  (OSError)
│   ├── InputMissing     nothing is there  (FileNotFoundError)
│   ├── NotAllowed       permission or credentials  (PermissionError)
│   └── DiskFull           no room left to write
├── ShardError           a shard is damaged as a whole: cut short, not a tar ...  (ValueError)
├── SampleError          one sample cannot be processed; it goes to quarantine  (ValueError)
│   ├── DecodeError        its image cannot be decoded
│   ├── LimitError         its image is larger than the job allows
│   ├── TransformError     a transform failed on it
│   └── EncodeError        its image cannot be written in the output's format
├── OutputInUse          the output folder holds another job, or other inputs  (ValueError)
├── LeaseLost            another run took the output folder while this one was away
├── BudgetExceeded         more samples failed than the job allows
├── TaskFailed             a task could not be done; the others were
└── OutputDamaged        `verify` found that the output is not what its ledger says  (ValueError)
"""

from collections.abc import Sequence

__all__ = [
    "BudgetExceeded",
    "DecodeError",
    "DiskFull",
    "EncodeError",
    "InputMissing",
    "JobError",
    "LeaseLost",
    "LimitError",
    "MissingPackage",
    "NotAllowed",
    "OutputDamaged",
    "OutputInUse",
    "PixelmillError",
    "SampleError",
    "ShardError",
    "StorageError",
    "TaskFailed",
    "TransformError",
]


class PixelmillError(Exception):
    """Base of every error that this package raises on purpose."""


class JobError(PixelmillError, ValueError):
    """The job is wrong: `mistakes` names each one with its place and its mend."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        count = len(mistakes)
        head = "The job has a mistake" if count == 1 else f"The job has {count} mistakes"
        super().__init__("\n  ".join([f"{head}; nothing has run.", *mistakes]))
        self.mistakes = tuple(mistakes)

    def __reduce__(self) -> tuple[object, ...]:  # the default would call __init__(message)
        return type(self), (self.mistakes,)


class MissingPackage(PixelmillError, ImportError):
    """An optional package is not installed."""

    def __init__(self, purpose: str, pip: str) -> None:
        super().__init__(f"{purpose} needs a package that is not installed: pip install {pip}")
        self.purpose, self.pip = purpose, pip

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.purpose, self.pip)


class StorageError(PixelmillError, OSError):
    """A URL could not be read, listed or written."""


class InputMissing(StorageError, FileNotFoundError):
    """Nothing is there under the URL."""


class NotAllowed(StorageError, PermissionError):
    """Permission or credentials do not allow it."""


class DiskFull(StorageError):
    """No room is left to write."""


class ShardError(PixelmillError, ValueError):
    """A shard is damaged as a whole; the samples read before the damage are good."""


class SampleError(PixelmillError, ValueError):
    """One sample cannot be processed.  `reason` is the word it is counted under."""

    reason = "failed"

    def __init__(self, message: str, reason: str | None = None) -> None:
        super().__init__(message)
        self.reason = reason or type(self).reason

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (str(self), self.reason)


class DecodeError(SampleError):
    """The image cannot be decoded."""

    reason = "undecodable"


class LimitError(SampleError):
    """The image is larger than the job allows."""

    reason = "too_many_pixels"


class TransformError(SampleError):
    """A transform failed on the sample."""

    reason = "transform_failed"


class EncodeError(SampleError):
    """The image cannot be written in the output's format."""

    reason = "unencodable"


class OutputInUse(PixelmillError, ValueError):
    """The output folder holds another job, or the inputs changed since it was begun."""


class LeaseLost(PixelmillError):
    """Another run took the output folder while this one was away."""


class BudgetExceeded(PixelmillError):
    """More samples failed than the job allows."""


class TaskFailed(PixelmillError):
    """A task could not be done; `elsewhere`, on another machine, it may be."""

    def __init__(self, message: str, elsewhere: bool = False) -> None:
        super().__init__(message)
        self.elsewhere = elsewhere

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (str(self), self.elsewhere)


class OutputDamaged(PixelmillError, ValueError):
    """The output is not what its ledger says."""
