"""Room: where a thread decodes the next image, which is where the last one was if it is gone."""

import sys
import threading
from typing import Any

import numpy as np
import numpy.typing as npt

# Larger ones take so long to decode that new memory is no part of it.
_MOST = 8 << 20
# This module's own name for it, the one in `room`, and the argument of getrefcount.
_UNSEEN = 3


class _Kept(threading.local):
    piece: npt.NDArray[np.uint8] | None = None


_kept = _Kept()


def room(size: int) -> npt.NDArray[Any]:
    """At least `size` bytes for an image; who keeps the image, or a view of it, keeps them."""
    piece = _kept.piece
    if piece is not None and piece.size >= size and sys.getrefcount(piece) <= _UNSEEN:
        return piece
    piece = np.empty(size, np.uint8)
    if size <= _MOST:
        _kept.piece = piece
    return piece
