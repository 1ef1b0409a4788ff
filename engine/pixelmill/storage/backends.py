"""Backends: which fsspec file system serves a URL, and with which options.

Credentials come from where each backend looks for them (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL,
GOOGLE_APPLICATION_CREDENTIALS, AZURE_STORAGE_CONNECTION_STRING ...) or from `configure`.  fsspec
shares one instance per process and options between threads, which its asyncio backends are made
for, and makes new ones after a fork.
"""

import copy
from collections.abc import Mapping
from difflib import get_close_matches
from functools import partial
from typing import Any

from pixelmill.errors import MissingPackage, StorageError
from pixelmill.storage.urls import local_path, masked, protocol

__all__ = ["configure", "configured", "encrypted", "filesystem"]

Options = dict[str, dict[str, Any]]

_EXTRAS = {"s3": "s3", "gs": "gcs", "az": "azure", "http": "http"}
_NAMES = ("file", "memory", "s3", "gs", "az", "abfs", "gcs", "http", "https")
# Seconds to connect, and between two pieces of an answer: a stall is cut and tried again.  S3 and
# Google answer in some 0.1 s, and in 10 s when they are hard pressed.
_CONNECT, _READ = 5.0, 20.0
# A cached listing hides what another worker has just written.  Retrying is done in one place
# (patience.py).  The requests of all threads share one instance, and S3's ten connections are few.
_DEFAULTS: Options = {
    "s3": {
        "use_listings_cache": False,
        "config_kwargs": {
            "retries": {"total_max_attempts": 1},
            "connect_timeout": _CONNECT,
            "read_timeout": _READ,
            "max_pool_connections": 64,
        },
    },
    "gs": {"use_listings_cache": False},
    "az": {"use_listings_cache": False},
    "http": {"use_listings_cache": False},
}
_configured: Options = {}


def configure(options: Mapping[str, Mapping[str, Any]]) -> None:
    """Set the options of each protocol's fsspec file system for this process.

    They replace those set before.  `configured()` gives them back, for another process.
    """
    _configured.clear()
    _configured.update({protocol(f"{kind}://"): dict(facts) for kind, facts in options.items()})


def configured() -> Options:
    """What `configure` was given; a plain dict that travels to a worker.  It may hold secrets."""
    return copy.deepcopy(_configured)


def filesystem(url: str) -> tuple[Any, str]:
    """The fsspec file system that serves `url`, and the path of `url` in it."""
    kind = protocol(url)
    cls = _filesystem_class(kind, url)
    options = _merged(_DEFAULTS.get(kind, {}), _configured.get(kind, {}))
    fs = cls(**_with_timeouts(kind, _merged(options, cls._get_kwargs_from_urls(url))))
    _without_retries(kind, fs)
    return fs, cls._strip_protocol(local_path(url) if kind == "file" else url)


def encrypted(url: str) -> bool:
    """Whether bytes travel by TLS, which notices each one that changed on the way."""
    fs, _ = filesystem(url)
    kind = protocol(url)
    if kind == "s3":
        return fs._s3 is not None and str(fs._s3.meta.endpoint_url).startswith("https:")
    where = {"gs": "_location", "az": "account_url"}.get(kind)
    return str(getattr(fs, where, "") if where else url).startswith("https:")


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Both, `above` where they disagree; inner ones likewise."""
    found = dict(below)
    for name, value in above.items():
        inner = isinstance(value, Mapping) and isinstance(found.get(name), Mapping)
        found[name] = _merged(found[name], value) if inner else value
    return found


def _with_timeouts(kind: str, options: dict[str, Any]) -> dict[str, Any]:
    """Those of aiohttp's backends are an object of its own."""
    if kind not in ("gs", "http"):
        return options
    from aiohttp import ClientTimeout

    limit = ClientTimeout(total=None, sock_connect=_CONNECT, sock_read=_READ)
    if kind == "gs":
        return {"requests_timeout": limit, **options}
    return _merged({"client_kwargs": {"timeout": limit}}, options)


def _without_retries(kind: str, fs: Any) -> None:
    """Turn off what the backend has no option for."""
    if kind == "s3":
        fs.retries = 1
    elif kind == "gs":
        fs._request = partial(type(fs)._request.__wrapped__, fs)
    elif kind == "az":
        line = fs.service_client._pipeline
        line._transport.connection_config.timeout = _CONNECT
        line._transport.connection_config.read_timeout = _READ
        for policy in line._impl_policies:
            if hasattr(policy, "total_retries"):
                policy.total_retries = 0


def _filesystem_class(kind: str, url: str) -> Any:
    import fsspec  # type: ignore[import-untyped]

    try:
        return fsspec.get_filesystem_class(kind)
    except ImportError as error:
        if kind in _EXTRAS:
            extra = f"'pixelmill[{_EXTRAS[kind]}]'"
            raise MissingPackage(f"Using {kind}:// URLs", extra) from error
        raise StorageError(f"{masked(url)} cannot be opened: {error}") from error
    except ValueError:
        near = get_close_matches(kind, _NAMES, n=1)
        mend = f"did you mean {near[0]}://?" if near else f"known are {', '.join(_NAMES)}"
        raise StorageError(f"{masked(url)} has an unknown protocol {kind!r}; {mend}") from None
