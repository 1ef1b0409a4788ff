"""Levels: from 16 bits to 8."""

import numpy as np
import numpy.typing as npt


def to_eight_bits(levels: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint8]:
    """round(level / 257), so that 0 stays 0 and 65535 becomes 255; 257 is odd, so nothing ties."""
    return ((levels.astype(np.uint32) + 128) // 257).astype(np.uint8)
