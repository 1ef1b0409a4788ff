"""The kernels that measure, scale by measures and look up give the same bytes on any machine."""

import hashlib
from pathlib import Path

import numpy as np
import pytest

from pixelmill_kernels.bands import select
from pixelmill_kernels.clahe import clahe
from pixelmill_kernels.digest import pixel_digest
from pixelmill_kernels.exposure import brightness_histogram
from pixelmill_kernels.grayscale import grayscale
from pixelmill_kernels.hashing import average_hash, difference_hash, perceptual_hash
from pixelmill_kernels.histogram import entropy, histogram
from pixelmill_kernels.laplacian import laplacian_variance
from pixelmill_kernels.lookup import lookup
from pixelmill_kernels.normalize import normalize
from pixelmill_kernels.standardize import min_max, standardize
from pixelmill_kernels.statistics import channel_sums
from pixelmill_kernels.stretch import stretch
from pixelmill_kernels.window import window

HERE = Path(__file__)
CODE = f"import {HERE.stem} as here; print(here.hash_of_everything())"

TABLE = np.arange(300, dtype=np.uint8)
HALF = (0.5,) * 3

IMAGES = {
    "gray": grayscale,
    "clahe": clahe,
    "select": lambda i: select(i, (0, 0)),
    "lookup": lambda i: lookup(i, TABLE, 9),
    "window": lambda i: window(i, 99, 60, bits=12),
    "stretch": lambda i: stretch(i, per="channel"),
    "normalize": lambda i: normalize(i, HALF, HALF, "hwc"),
    "min_max": lambda i: min_max(i, "channel", "chw"),
    "standardize": lambda i: standardize(i, "image", "hwc"),
}
NUMBERS = {
    "sums": lambda i: np.concatenate([np.ravel(part) for part in channel_sums(i)]),
    "histogram": histogram,
    "entropy": lambda i: entropy(histogram(i)),
    "brightness": brightness_histogram,
    "laplacian": laplacian_variance,
    "digest": lambda i: int(pixel_digest(i), 16) >> 64,
}
HASHES = {hash.__name__: hash for hash in (average_hash, difference_hash, perceptual_hash)}


def hash_of_everything():
    """What every kernel here gives for fixed images, as one hash."""
    rng = np.random.default_rng(7)
    found = []
    for dtype in (np.uint8, np.uint16):
        image = rng.integers(0, np.iinfo(dtype).max + 1, (150, 131, 3), dtype)
        found += [apply(image) for apply in IMAGES.values()]
        found += [measure(image) for measure in NUMBERS.values()]
    found += [hash(image.astype(np.uint8)) for hash in HASHES.values()]
    found += [window(image, 30000, 9000, "sigmoid"), clahe(image[..., :1].copy())]
    real = rng.normal(0, 9, (150, 131, 3)).astype(np.float32)
    found += [standardize(real), standardize(real, "channel"), min_max(real)]
    return hashlib.sha256(b"".join(np.asarray(part).tobytes() for part in found)).hexdigest()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_narrower_machine_gives_the_same_bytes(on_another_machine):
    assert on_another_machine("nehalem", CODE, HERE.parent) == hash_of_everything()
