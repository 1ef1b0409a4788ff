"""Scrubbing: texts of others, such as errors, as they may be shown and kept: without secrets."""

import os
import re

from pixelmill.storage.urls import masked

__all__ = ["scrubbed"]

_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s'\"<>]+")
_QUERY = re.compile(
    r"(?<=\?)[^\s'\"<>]*(?:sig|token|key|credential|secret|password)[^\s'\"<>]*", re.IGNORECASE
)
# What the clients of S3, Google, Azure, Hugging Face and the like call their variables.
_NAMES = re.compile(
    r"SECRET|TOKEN|PASSW|CREDENTIAL|ACCESS_?KEY|API_?KEY|ACCOUNT_KEY|SAS|CONNECTION_STR"
)
_SHORTEST = 8  # shorter ones are words ("test", "true") that stand in messages by chance


def scrubbed(text: str) -> str:
    """`text` without the secrets of the URLs in it, and without those of the environment."""
    for secret in _secrets():
        text = text.replace(secret, "***")
    text = _URL.sub(lambda match: masked(match.group()), text)
    return _QUERY.sub("***", text)


def _secrets() -> list[str]:
    """The longest first, since one may be a part of another."""
    found = {value for name, value in os.environ.items() if _NAMES.search(name.upper())}
    return sorted((one for one in found if len(one) >= _SHORTEST), key=len, reverse=True)
