"""Codecs: encoded bytes <-> pixels, limits checked on the header before a pixel is allocated.

NumPy, Pillow and simplejpeg are loaded when they are first needed, since the job's options live in
this package too and `--help` must not wait for them.  So no module here bears a lazy name.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from pixelmill.codecs.header import Header, faithful
from pixelmill.codecs.sniff import sniff

if TYPE_CHECKING:
    from pixelmill.codecs.decoder import Decoded, decode
    from pixelmill.codecs.encoder import encode, extension
    from pixelmill.codecs.readers import peek

__all__ = ["Decoded", "Header", "decode", "encode", "extension", "faithful", "peek", "sniff"]

_LAZY = {
    "Decoded": "decoder",
    "decode": "decoder",
    "encode": "encoder",
    "extension": "encoder",
    "peek": "readers",
}


def __getattr__(name: str) -> object:
    if name not in _LAZY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found: object = getattr(import_module(f"{__name__}.{_LAZY[name]}"), name)
    globals()[name] = found  # from now on an ordinary attribute
    return found
