"""Hashes against the ImageHash package, digests against hashlib's and xxhash, one core.

pytest bench/kernels/bench_hashing.py
"""

import hashlib

import imagehash
import pytest
import xxhash
from PIL import Image

from pixelmill_kernels.digest import pixel_digest
from pixelmill_kernels.hashing import average_hash, difference_hash, perceptual_hash

SIZES = {"468x401px": (401, 468), "2000x1500px": (1500, 2000)}
HASHES = {
    "average": (average_hash, imagehash.average_hash),
    "difference": (difference_hash, imagehash.dhash),
    "perceptual": (perceptual_hash, imagehash.phash),
}
DIGESTS = {
    "ours_128bit": pixel_digest,
    "xxh64": xxhash.xxh64_digest,
    "xxh3_128": xxhash.xxh3_128_digest,
    "blake2b": lambda image: hashlib.blake2b(image).digest(),
    "sha256": lambda image: hashlib.sha256(image).digest(),
}


def ours(name, image):
    return lambda: f"{HASHES[name][0](image):016x}"


def imagehash_package(name, image):
    """Given Pillow's own image, so that nothing is copied that its users would not copy."""
    picture = Image.fromarray(image)
    return lambda: HASHES[name][1](picture)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("name", HASHES)
@pytest.mark.parametrize("rival", [ours, imagehash_package], ids=lambda rival: rival.__name__)
def bench_hash(timed, photograph, rival, name, size):
    image = photograph(*SIZES[size])
    assert str(rival(name, image)()) == ours(name, image)()
    timed(f"{name} hash {size}", rival(name, image), image.size // 3)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("rival", DIGESTS)
def bench_digest(timed, photograph, rival, size):
    image = photograph(*SIZES[size])
    assert DIGESTS[rival](image) == DIGESTS[rival](image.copy())
    timed(f"digest {size}", lambda: DIGESTS[rival](image), image.size // 3)
