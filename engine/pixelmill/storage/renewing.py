"""Renewing: credentials that expired in mid-run are looked for again where they came from.

Roles, single sign-on and metadata servers are renewed in time by the clients themselves.  What is
left are keys in a file or in the environment that something else replaces (a cron job, a sidecar,
`aws sso login`): botocore reads those once.
"""

import threading
import time
from typing import Any
from weakref import WeakKeyDictionary

from pixelmill.storage.backends import filesystem
from pixelmill.storage.urls import protocol

__all__ = ["renew"]

_lock = threading.Lock()
_renewed: WeakKeyDictionary[Any, float] = WeakKeyDictionary()


def renew(url: str, since: float) -> bool:
    """Whether there are other credentials than those of a request that began at `since`."""
    if protocol(url) != "s3":  # Google's and Azure's clients renew by themselves, or cannot
        return False
    fs, _ = filesystem(url)
    with _lock:  # all requests in flight come here together
        if _renewed.get(fs, float("-inf")) >= since:
            return True
        before = _keys(fs)
        fs.connect(refresh=True)  # requests in flight keep the old client
        if _keys(fs) == before:
            return False
        _renewed[fs] = time.monotonic()
        return True


def _keys(fs: Any) -> tuple[str, ...]:
    from fsspec.asyn import sync  # type: ignore[import-untyped]

    found = sync(fs.loop, fs.session.get_credentials) if fs.session and not fs.key else None
    return (found.access_key, found.token or "") if found else ()
