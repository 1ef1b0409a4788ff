"""Philox: random numbers that are a function of a key and a position, and of nothing else.

Philox4x32-10 of Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC 2011; the
constants are theirs.
"""

import numpy as np

from pixelmill_kernels._jit import piece

ROUNDS = 10
LOW = np.uint64(0xFFFFFFFF)
MULTIPLIERS = np.uint64(0xD2511F53), np.uint64(0xCD9E8D57)
WEYL = np.uint64(0x9E3779B9), np.uint64(0xBB67AE85)

Words = tuple[np.uint64, np.uint64, np.uint64, np.uint64]


@piece
def _philox(
    a: np.uint64, b: np.uint64, c: np.uint64, d: np.uint64, key: np.uint64, other: np.uint64
) -> Words:
    """Four random words of 32 bits for the counter (a, b, c, d) and the two words of a key."""
    for _ in range(ROUNDS):
        one, two = MULTIPLIERS[0] * a, MULTIPLIERS[1] * c
        a, b, c, d = (
            (two >> np.uint64(32)) ^ b ^ key,
            two & LOW,
            (one >> np.uint64(32)) ^ d ^ other,
            one & LOW,
        )
        key, other = (key + WEYL[0]) & LOW, (other + WEYL[1]) & LOW
    return a, b, c, d
