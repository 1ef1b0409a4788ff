"""What all that takes noise away keeps; the formulas are tested kernel by kernel."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from pixelmill.demo.cut import photograph
from pixelmill_kernels import denoise

ROOT = Path(denoise.__file__).parents[1]
MARGIN = 4096  # bytes of canary on each side

METHODS = {
    "median_3": lambda image, out=None: denoise.median(image, 3, out),
    "median_5": lambda image, out=None: denoise.median(image, 5, out),
    "gaussian": lambda image, out=None: denoise.gaussian(image, 0.8, out=out),
    "bilateral": lambda image, out=None: denoise.bilateral(image, 60, 2, 5, out),
    "diffusion": lambda image, out=None: denoise.diffusion(image, 40, 4, out),
    "nonlocal_means": lambda image, out=None: denoise.nonlocal_means(image, 9, 15, out=out),
    "total_variation": lambda image, out=None: denoise.total_variation(image, 10, 20, out),
    "wavelet": lambda image, out=None: denoise.wavelet(image, 15, 3, out),
}
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS)

# What every method gives for one image, as one hash.
EVERYTHING = """
import hashlib, numpy as np
from pixelmill_kernels.denoise import *
rng = np.random.default_rng(7)
image = rng.integers(0, 256, (37, 71, 3), np.uint8) // 2 + np.arange(71, dtype=np.uint8)[:, None]
parts = [median(image, 3), median(image, 5), gaussian(image, 1.3), bilateral(image, 90, 3, 9),
         diffusion(image, 40), nonlocal_means(image, 30, 5, search=9), total_variation(image, 20),
         wavelet(image, 20), noise_level(image)]
print(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""


def embedded(pixels, canary):
    """A copy of the pixels amid bytes of `canary`, and the whole of it."""
    room = np.full(pixels.nbytes + 2 * MARGIN, canary, np.uint8)
    inside = room[MARGIN:-MARGIN].view(pixels.dtype).reshape(pixels.shape)
    inside[:] = pixels
    return inside, room


@every_method
@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 70, 3), (70, 1, 3), (33, 67, 3), (97, 130, 3)])
def test_nothing_outside_the_image_is_read_or_written(rng, method, shape):
    image = rng.integers(0, 256, shape, np.uint8)
    results = []
    for canary in (0, 255):
        inside, around = embedded(image, canary)
        out, room = embedded(np.zeros_like(image), canary)
        assert method(inside, out) is out
        assert (room[:MARGIN] == canary).all()
        assert (room[-MARGIN:] == canary).all()
        np.testing.assert_array_equal(inside, image)
        assert (around[:MARGIN] == canary).all()
        results.append(out.copy())
    np.testing.assert_array_equal(results[0], results[1])
    np.testing.assert_array_equal(results[0], method(image))


@every_method
def test_a_flat_image_stays(method):
    for level in (0, 1, 100, 255):
        image = np.full((40, 70, 3), level, np.uint8)
        np.testing.assert_array_equal(method(image), image)


@every_method
def test_a_read_only_image_will_do(rng, method):
    image = rng.integers(0, 256, (40, 70, 3), np.uint8)
    out = method(image)
    image.flags.writeable = False
    np.testing.assert_array_equal(method(image), out)


@every_method
def test_what_is_not_contiguous_is_refused_with_the_mend(method):
    image = np.zeros((20, 20, 3), np.uint8)[:, ::2]
    with pytest.raises(ValueError, match="ascontiguousarray"):
        method(image)


@every_method
def test_an_out_that_shares_memory_or_has_another_shape_is_refused(method):
    image = np.zeros((20, 20, 3), np.uint8)
    with pytest.raises(ValueError, match="shares memory"):
        method(image, image)
    with pytest.raises(ValueError, match="out must be a C-contiguous"):
        method(image, np.zeros((20, 19, 3), np.uint8))


@every_method
def test_a_noisy_photograph_comes_nearer_to_the_clean_one(rng, method):
    clean = np.asarray(photograph("coffee").convert("RGB").resize((150, 100)), float)
    noisy = np.clip(clean + rng.normal(0, 15, clean.shape), 0, 255).round().astype(np.uint8)
    before, after = (((image - clean) ** 2).mean() for image in (noisy, method(noisy)))
    # The median of 25 pixels takes more detail than noise from so small a photograph.
    assert after < before * (2 if method is METHODS["median_5"] else 0.75)


def hash_here():
    result = {}
    exec(EVERYTHING, {"print": lambda text: result.setdefault("hash", text)})
    return result["hash"]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("cpu", ["nehalem", "haswell"])
def test_a_narrower_machine_gives_the_same_bytes(cpu, tmp_path):
    # nehalem: SSE4.2 without fma.  haswell: AVX2 with it.
    environment = os.environ | {
        "NUMBA_CPU_NAME": cpu,
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", EVERYTHING]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hash_here()
    assert len(hash_here()) == hashlib.sha256().digest_size * 2
