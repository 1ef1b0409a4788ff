"""Randomness: a function of (seed, key, step, copy); no worker, order or clock has a say."""

from hashlib import blake2b

import numpy as np


class Randomness:
    """The draws of one sample.

    `step` names the transform that is about to draw; the pipeline sets it, so that two transforms
    of one kind draw apart.  The n-th draw of a step is the same whatever else was drawn before.
    """

    __slots__ = ("_drawn", "_name", "_step")

    def __init__(self, seed: int = 0, key: str = "", copy: int = 0) -> None:
        self._name = f"{seed}\0{copy}\0{key}"
        self._step, self._drawn = "", 0

    def step(self, name: str) -> None:
        self._step, self._drawn = name, 0

    def _digest(self) -> bytes:
        name = f"{self._name}\0{self._step}\0{self._drawn}"
        self._drawn += 1
        return blake2b(name.encode("utf-8", "surrogateescape"), digest_size=8).digest()

    def uniform(self, low: float = 0.0, high: float = 1.0) -> float:
        """The next draw, in [low, high)."""
        fraction = (int.from_bytes(self._digest(), "little") >> 11) * 2.0**-53
        return low + (high - low) * fraction

    def integer(self, low: int, high: int) -> int:
        """The next draw, an integer in [low, high); the bias is below (high - low) / 2**64."""
        return low + int.from_bytes(self._digest(), "little") % (high - low)

    def key(self) -> int:
        """The next draw, 64 bits: the key of a kernel that draws for each pixel itself."""
        return int.from_bytes(self._digest(), "little")

    def generator(self) -> np.random.Generator:
        """A NumPy generator seeded by the next draw, for transforms that want whole arrays."""
        return np.random.Generator(np.random.Philox(key=int.from_bytes(self._digest(), "little")))
