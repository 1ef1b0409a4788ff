"""What all kernels that measure, scale by measures and look up have in common."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pixelmill_kernels import clahe as home
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

TABLE = np.arange(300, dtype=np.uint8)
HALF = (0.5,) * 3

# Name: what is called, the result's shape and dtype, given those of the image.
IMAGES = {
    "gray": (lambda i, out=None: grayscale(i, 1, out), lambda h, w, c, d: ((h, w, 1), d)),
    "clahe": (clahe, lambda h, w, c, d: ((h, w, c), d)),
    "select": (lambda i, out=None: select(i, (0, 0), out), lambda h, w, c, d: ((h, w, 2), d)),
    "lookup": (lambda i, out=None: lookup(i, TABLE, 9, out), lambda h, w, c, d: ((h, w, c), "u1")),
    "window": (
        lambda i, out=None: window(i, 99, 60, bits=12, out=out),
        lambda h, w, c, d: ((h, w, c), "u2"),
    ),
    "stretch": (
        lambda i, out=None: stretch(i, per="channel", out=out),
        lambda h, w, c, d: ((h, w, c), "u1"),
    ),
    "normalize": (
        lambda i, out=None: normalize(i, HALF[: i.shape[2]], HALF[: i.shape[2]], "hwc", out),
        lambda h, w, c, d: ((h, w, c), "f4"),
    ),
    "min_max": (
        lambda i, out=None: min_max(i, "channel", "chw", out),
        lambda h, w, c, d: ((c, h, w), "f4"),
    ),
    "standardize": (
        lambda i, out=None: standardize(i, "image", "hwc", out),
        lambda h, w, c, d: ((h, w, c), "f4"),
    ),
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
SIZES = [(1, 1), (1, 17), (19, 1), (13, 21)]
EDGE = 64  # bytes of sentinel on each side


def framed(array, fill):
    """The same array between two stretches of bytes `fill`, and the whole of it."""
    room = np.full(array.nbytes + 2 * EDGE, fill, np.uint8)
    inside = room[EDGE:-EDGE].view(array.dtype).reshape(array.shape)
    inside[:] = array
    return inside, room


@pytest.mark.parametrize("name", IMAGES)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16], ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_outside_is_read_or_written(rng, name, dtype, channels, size):
    apply, shape_of = IMAGES[name]
    image = rng.integers(0, np.iinfo(dtype).max + 1, (*size, channels), dtype)
    expected = apply(image)
    shape, kind = shape_of(*size, channels, dtype)
    assert expected.shape == shape
    for fill in (0, 0xA5):
        inside, _ = framed(image, fill)
        out, room = framed(np.zeros(shape, kind), 0x5A)
        assert apply(inside, out=out) is out
        assert out.tobytes() == expected.tobytes()
        assert (room[:EDGE] == 0x5A).all()
        assert (room[-EDGE:] == 0x5A).all()


@pytest.mark.parametrize("name", [*NUMBERS, *HASHES])
@pytest.mark.parametrize("size", SIZES, ids=str)
def test_nothing_outside_is_measured(rng, name, size):
    measure = (NUMBERS | HASHES)[name]
    image = rng.integers(0, 256, (*size, 3), np.uint8)
    for fill in (0, 0xA5):
        np.testing.assert_array_equal(measure(framed(image, fill)[0]), measure(image))


@pytest.mark.parametrize("name", IMAGES)
def test_a_read_only_image_is_taken_and_a_strided_one_refused(rng, name):
    apply, _ = IMAGES[name]
    image = rng.integers(0, 256, (9, 12, 3), np.uint8)
    expected = apply(image)
    image.flags.writeable = False
    np.testing.assert_array_equal(apply(image), expected)
    with pytest.raises(ValueError, match=r"not C-contiguous.*ascontiguousarray"):
        apply(image[:, ::2])


def hash_of_everything():
    """What every kernel here gives for fixed images, as one hash."""
    rng = np.random.default_rng(7)
    found = []
    for dtype in (np.uint8, np.uint16):
        image = rng.integers(0, np.iinfo(dtype).max + 1, (150, 131, 3), dtype)
        found += [apply(image) for apply, _ in IMAGES.values()]
        found += [measure(image) for measure in NUMBERS.values()]
    found += [hash(image.astype(np.uint8)) for hash in HASHES.values()]
    found += [window(image, 30000, 9000, "sigmoid"), clahe(image[..., :1].copy())]
    real = rng.normal(0, 9, (150, 131, 3)).astype(np.float32)
    found += [standardize(real), standardize(real, "channel"), min_max(real)]
    return hashlib.sha256(b"".join(np.asarray(part).tobytes() for part in found)).hexdigest()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_narrower_machine_gives_the_same_bytes(tmp_path):
    environment = os.environ | {
        "NUMBA_CPU_NAME": "nehalem",  # SSE4.2 without fma
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": f"{Path(home.__file__).parents[1]}{os.pathsep}{Path(__file__).parent}",
    }
    code = f"import {Path(__file__).stem} as here; print(here.hash_of_everything())"
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hash_of_everything()
