"""Backends: which fsspec file system serves a URL, and with which options.

Credentials come from where each backend looks for them (AWS_ACCESS_KEY_ID, AWS_ENDPOINT_URL,
GOOGLE_APPLICATION_CREDENTIALS, AZURE_STORAGE_CONNECTION_STRING ...) or from `configure`.  fsspec
shares one instance per process and options between threads, which its asyncio backends are made
for, and makes new ones after a fork.
"""

import copy
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pixelmill.errors import MissingPackage, StorageError
from pixelmill.storage.urls import local_path, masked, protocol

__all__ = ["configure", "configured", "filesystem"]

Options = dict[str, dict[str, Any]]

_EXTRAS = {"s3": "s3", "gs": "gcs", "az": "azure", "http": "http"}
_NAMES = ("file", "memory", "s3", "gs", "az", "abfs", "gcs", "http", "https")
# A cached listing hides what another worker has just written.  Retrying is done in one place
# (faults.py): three layers of five attempts each would be 125.
_DEFAULTS: Options = {
    "s3": {"use_listings_cache": False, "config_kwargs": {"retries": {"total_max_attempts": 1}}},
    "gs": {"use_listings_cache": False},
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
    options = {**_DEFAULTS.get(kind, {}), **_configured.get(kind, {})}
    fs = cls(**{**options, **cls._get_kwargs_from_urls(url)})
    if kind == "s3":
        fs.retries = 1
    return fs, cls._strip_protocol(local_path(url) if kind == "file" else url)


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
