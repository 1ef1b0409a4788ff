"""Faults: foreign errors told in our words, and those that pass by themselves tried again."""

import errno
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from pixelmill.errors import DiskFull, InputMissing, NotAllowed, PixelmillError, StorageError
from pixelmill.storage.scrubbing import scrubbed
from pixelmill.storage.urls import masked, protocol

__all__ = ["ATTEMPTS", "patiently", "told", "transient", "translated"]

ATTEMPTS = 5
_FIRST_WAIT = 0.2  # seconds; doubled each time, so five attempts span about three seconds
_Answer = TypeVar("_Answer")

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_PASSING = {
    *(errno.EBUSY, errno.EAGAIN, errno.EPIPE, errno.ETIMEDOUT, errno.ENETUNREACH),
    *(errno.ECONNRESET, errno.ECONNREFUSED, errno.ECONNABORTED, errno.EHOSTUNREACH),
    getattr(errno, "EREMOTEIO", errno.EBUSY),  # what s3fs makes of a 500; Linux only
}
_PASSING_STATUS = {408, 425, 429, 500, 502, 503, 504, 509}
# By name, since the packages that define them may not be installed.
_PASSING_CLASSES = {
    *("ClientConnectionError", "ClientPayloadError"),  # aiohttp
    *("HTTPClientError", "IncompleteReadError", "ResponseParserError"),  # botocore
    *("ServiceRequestError", "ServiceResponseError", "IncompleteRead"),  # azure, http.client
    *("TransportError", "ChunkedEncodingError"),  # google.auth, requests
}
_FORBIDDEN_CLASSES = {"NoCredentialsError", "PartialCredentialsError", "ClientAuthenticationError"}


def transient(error: BaseException | None) -> bool:
    """Whether trying again may help: time-outs, lost connections, 5xx, "slow down"."""
    if error is None or isinstance(error, (FileNotFoundError, PermissionError)):
        return False
    if isinstance(error, (TimeoutError, ConnectionError)) or _status(error) in _PASSING_STATUS:
        return True
    if isinstance(error, OSError) and error.errno in _PASSING:
        return True
    return bool(_class_names(error) & _PASSING_CLASSES) or transient(error.__cause__)


def translated(error: Exception, url: str, doing: str) -> PixelmillError:
    """`error` in our words: what was being done, where, why it failed, how to mend it."""
    if isinstance(error, PixelmillError):
        return error
    where, status = masked(url), _status(error)
    number = error.errno if isinstance(error, OSError) else None
    why = _reason(error, url)
    if number in _FULL:
        return DiskFull(f"{doing} {where} failed: no room is left; free some space and run again")
    if isinstance(error, FileNotFoundError) or status in {404, 410}:
        return InputMissing(f"{doing} {where} failed: nothing is there; check the path")
    if number == errno.EROFS:
        return NotAllowed(f"{doing} {where} failed: the file system is read-only")
    if isinstance(error, PermissionError) or number in _FORBIDDEN or status in {401, 403}:
        return NotAllowed(f"{doing} {where} failed: {why}; {_access_mend(url)}")
    if _class_names(error) & _FORBIDDEN_CLASSES:
        return NotAllowed(f"{doing} {where} failed: {why}; {_access_mend(url)}")
    again = "; it kept failing, run again when the storage answers" if transient(error) else ""
    return StorageError(f"{doing} {where} failed: {why}{again}")


@contextmanager
def told(url: str, doing: str) -> Iterator[None]:
    """Errors of the operating system inside are raised in our words."""
    try:
        yield
    except OSError as error:
        raise translated(error, url, doing) from error


def patiently(
    call: Callable[[], _Answer],
    url: str,
    doing: str,
    wait: Callable[[float], object] = time.sleep,
) -> _Answer:
    """What `call` answers; tried again, ever later, where the fault may pass."""
    for attempt in range(ATTEMPTS):
        try:
            return call()
        except Exception as error:  # each backend raises classes of its own
            if isinstance(error, (TypeError, AttributeError, NameError, AssertionError)):
                raise  # a mistake in code, not a fault of the storage
            if attempt == ATTEMPTS - 1 or not transient(error):
                raise translated(error, url, doing) from error
        # Jitter, so that a thousand workers that failed together do not return together.
        wait(_FIRST_WAIT * 2**attempt * random.uniform(0.5, 1.5))
    raise AssertionError("the last attempt answers or raises")


def _class_names(error: BaseException) -> set[str]:
    return {cls.__name__ for cls in type(error).__mro__}


def _status(error: BaseException) -> int | None:
    """The HTTP status that a backend's error carries under one of its names."""
    response: Any = getattr(error, "response", None)
    if isinstance(response, dict):  # botocore
        return _number(response.get("ResponseMetadata", {}).get("HTTPStatusCode"))
    for attribute in ("status", "status_code", "code"):  # aiohttp, azure, gcsfs
        number = _number(getattr(error, attribute, None))
        if number is not None:
            return number
    return None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) else None


def _reason(error: Exception, url: str) -> str:
    text = " ".join((getattr(error, "strerror", None) or str(error)).split())
    return scrubbed(text.replace(url, masked(url))) or type(error).__name__


def _access_mend(url: str) -> str:
    if protocol(url) == "file":
        return "check who owns it and its mode"
    return "check the credentials in the environment and what they allow"
