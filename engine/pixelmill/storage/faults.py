"""Faults: which pass by themselves, which stay, and foreign errors told in our words."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pixelmill.errors import DiskFull, InputMissing, NotAllowed, PixelmillError, StorageError
from pixelmill.storage.scrubbing import scrubbed
from pixelmill.storage.urls import masked, protocol

__all__ = ["expired", "throttled", "told", "transient", "translated"]

_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}
_PASSING = {
    *(errno.EBUSY, errno.EAGAIN, errno.EPIPE, errno.ETIMEDOUT, errno.ENETUNREACH),
    *(errno.ECONNRESET, errno.ECONNREFUSED, errno.ECONNABORTED, errno.EHOSTUNREACH),
    getattr(errno, "EREMOTEIO", errno.EBUSY),  # what s3fs makes of a 500; Linux only
}
_PASSING_STATUS = {408, 425, 429, 500, 502, 503, 504, 509}
_GONE_STATUS = {404, 410}
_FORBIDDEN_STATUS = {401, 403}
# S3 says 503 SlowDown, Google 429, Azure 503 ServerBusy.
_THROTTLED_STATUS = {429, 503, 509}
# S3's 400 to a body that arrived other than it was sent: the next one may be well.
_PASSING_CODES = {"BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody", "RequestTimeout"}
_EXPIRED_CODES = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"}
# An answer without a body, as to HEAD, gives no reason.
_PERHAPS_EXPIRED_CODES = {*_EXPIRED_CODES, "403"}
_MOVED_CODES = {
    "PermanentRedirect",
    "AuthorizationHeaderMalformed",
    "301",
    "IllegalLocationConstraintException",
}
_NO_BUCKET_CODES = {"NoSuchBucket", "ContainerNotFound"}
# By name, since the packages that define them may not be installed.
_PASSING_CLASSES = {
    *("ClientConnectionError", "ClientPayloadError"),  # aiohttp
    *("HTTPClientError", "ConnectionError", "IncompleteReadError"),  # botocore
    *("ResponseParserError", "FlexibleChecksumError"),
    *("ServiceRequestError", "ServiceResponseError", "IncompleteRead"),  # azure, http.client
    *("TransportError", "ChunkedEncodingError", "ProxyError"),  # google.auth, requests
}
_FORBIDDEN_CLASSES = {"NoCredentialsError", "PartialCredentialsError", "ClientAuthenticationError"}


def transient(error: BaseException | None) -> bool:
    """Whether trying again may help: time-outs, lost connections, 5xx, "slow down"."""
    if error is None or isinstance(error, PermissionError):
        return False
    if _status(error) in _PASSING_STATUS or _code(error) in _PASSING_CODES:
        return True
    if isinstance(error, FileNotFoundError):  # fsspec says so of a web server's 503, too
        return _status(error.__cause__) in _PASSING_STATUS
    if isinstance(error, (TimeoutError, ConnectionError)):
        return True
    if isinstance(error, OSError) and error.errno in _PASSING:
        return True
    return bool(_class_names(error) & _PASSING_CLASSES) or transient(error.__cause__)


def throttled(error: BaseException | None) -> bool:
    """Whether the storage says that it is asked too often."""
    if error is None:
        return False
    return (
        _status(error) in _THROTTLED_STATUS
        or (isinstance(error, OSError) and error.errno == errno.EBUSY)
        or throttled(error.__cause__)
    )


def expired(error: BaseException) -> bool:
    """Whether the credentials may have been good once; there may be newer ones by now."""
    return bool(_codes(error) & _PERHAPS_EXPIRED_CODES)


def translated(error: Exception, url: str, doing: str) -> PixelmillError:
    """`error` in our words: what was being done, where, why it failed, how to mend it."""
    if isinstance(error, PixelmillError):
        return error
    start = f"{doing} {masked(url)} failed"
    status, names = _status(error) or _status(error.__cause__), _class_names(error)
    number = error.errno if isinstance(error, OSError) else None
    why = _reason(error, url)
    if number in _FULL:
        return DiskFull(f"{start}: no room is left; free some space and run again")
    if transient(error):
        return StorageError(f"{start}: {why}; it kept failing, run again when the storage answers")
    if _codes(error) & _NO_BUCKET_CODES:
        return InputMissing(f"{start}: there is no such bucket; check its name and the endpoint")
    if _codes(error) & _MOVED_CODES:
        return StorageError(
            f"{start}: the bucket is in another region ({why}); set AWS_DEFAULT_REGION to it"
        )
    if _codes(error) & _EXPIRED_CODES:
        return NotAllowed(
            f"{start}: the credentials have expired ({why}); get new ones and run again"
        )
    if number == errno.EROFS:
        return NotAllowed(f"{start}: the file system is read-only")
    if (
        isinstance(error, PermissionError)
        or number in _FORBIDDEN
        or status in _FORBIDDEN_STATUS
        or names & _FORBIDDEN_CLASSES
        or str(error).startswith("Forbidden:")  # gcsfs, which leaves the status out
    ):
        return NotAllowed(f"{start}: {why}; {_access_mend(url)}")
    if isinstance(error, FileNotFoundError) or status in _GONE_STATUS:
        return InputMissing(f"{start}: nothing is there; check the path")
    return StorageError(f"{start}: {why}")


@contextmanager
def told(url: str, doing: str) -> Iterator[None]:
    """Errors of the operating system inside are raised in our words."""
    try:
        yield
    except OSError as error:
        raise translated(error, url, doing) from error


def _class_names(error: BaseException) -> set[str]:
    return {cls.__name__ for cls in type(error).__mro__}


def _status(error: BaseException | None) -> int | None:
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
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) else None


def _code(error: BaseException | None) -> str:
    """The word by which S3 or Azure names the error."""
    response: Any = getattr(error, "response", None)
    if isinstance(response, dict):
        return str(response.get("Error", {}).get("Code", ""))
    return str(getattr(error, "error_code", ""))


def _codes(error: BaseException | None) -> set[str]:
    return set() if error is None else {_code(error)} | _codes(error.__cause__)


def _reason(error: Exception, url: str) -> str:
    text = " ".join((getattr(error, "strerror", None) or str(error)).split())
    return scrubbed(text.replace(url, masked(url))) or type(error).__name__


def _access_mend(url: str) -> str:
    if protocol(url) == "file":
        return "check who owns it and its mode"
    return "check the credentials in the environment and what they allow"
