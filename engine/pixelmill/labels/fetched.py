"""Fetched: a file that a row names; one that is not there, or expired, costs its image alone."""

from pixelmill import storage
from pixelmill.errors import NotAllowed, SampleError, StorageError
from pixelmill.storage.faults import transient


def fetched(url: str, key: str, what: str, mend: str) -> bytes:
    """The bytes of the file; SampleError with the reason <what>_missing or <what>_not_allowed.

    StorageError where the storage itself is away: the others would fare no better.
    """
    try:
        return storage.read(url)
    except StorageError as error:
        if transient(error):
            raise
        reason = "not_allowed" if isinstance(error, NotAllowed) else "missing"
        raise SampleError(f"{key}: its {what} is not there: {error}; {mend}", f"{what}_{reason}") from error
