import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from numba import njit

from pixelmill_kernels import simd

LANES = simd.LANES
ROOT = Path(simd.__file__).parents[1]

# What every kernel with arithmetic gives for fixed images, as one hash.
EVERYTHING = """
import hashlib, numpy as np
from pixelmill_kernels.denoise import median
from pixelmill_kernels.normalize import normalize
from pixelmill_kernels.resize import resize
rng = np.random.default_rng(7)
image = rng.integers(0, 256, (150, 131, 3), np.uint8)
parts = [resize(image, size, name) for size in ((96, 84), (20, 9), (200, 190), (150, 60), (77, 131))
         for name in ("bicubic", "lanczos", "hamming")]
parts += [normalize(image, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)), median(image)]
parts += [resize(image[..., :1].copy().astype(np.float32), (40, 50), "lanczos")]
print(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""


def hash_here():
    result = {}
    exec(EVERYTHING, {"print": lambda text: result.setdefault("hash", text)})
    return result["hash"]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("cpu", ["nehalem", "ivybridge", "haswell"])
def test_a_narrower_machine_gives_the_same_bytes(cpu, tmp_path):
    # nehalem: SSE4.2 without fma.  ivybridge: AVX without fma.  haswell: AVX2 with it.
    environment = os.environ | {
        "NUMBA_CPU_NAME": cpu,
        "NUMBA_CPU_FEATURES": "",
        "NUMBA_CACHE_DIR": str(tmp_path),
        "PYTHONPATH": str(ROOT),
    }
    command = [sys.executable, "-c", EVERYTHING]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == hash_here()


@njit
def turned(source, target):
    simd.transpose(source, 0, LANES, target, 0, LANES)


@pytest.mark.parametrize("dtype", [np.float32, np.int16], ids=lambda dtype: dtype.__name__)
def test_a_transposed_block_is_numpys(dtype):
    source = np.arange(256).reshape(16, 16).astype(dtype)
    target = np.zeros((16, 16), dtype)
    turned(source, target)
    np.testing.assert_array_equal(target, source.T)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16], ids=lambda dtype: dtype.__name__)
def test_a_block_is_cut_and_clamped_as_it_is_transposed(rng, dtype):
    top = np.iinfo(dtype).max
    source = rng.uniform(-0.4 * top, 1.4 * top, (16, 16)).astype(np.float32)
    target = np.zeros((16, 16), dtype)
    turned(source, target)
    np.testing.assert_array_equal(target, np.clip(np.trunc(source.T), 0, top).astype(dtype))


def test_thirty_seconds_of_a_level_become_levels():
    source = np.linspace(-20000, 20000, 256).reshape(16, 16).astype(np.int16)
    target = np.zeros((16, 16), np.uint8)
    turned(source, target)
    np.testing.assert_array_equal(target, np.clip(source.T // 32, 0, 255))


def test_fma_rounds_once():
    @njit
    def weighed(weights, values, totals, out):
        product = simd.fma(simd.load(weights, 0), simd.load(values, 0), simd.load(totals, 0))
        simd.store(out, 0, product)

    weights = np.full(LANES, 1 + 2**-12, np.float32)
    totals, out = np.full(LANES, -1, np.float32), np.empty(LANES, np.float32)
    weighed(weights, weights, totals, out)
    # (1 + e)^2 - 1 = 2e + e^2: rounding the square first would lose e^2
    assert (out == np.float32(2**-11 + 2**-24)).all()


def test_the_machine_is_told():
    target = simd.target()
    assert target.cpu
    assert target.bits == simd.width()
    assert target.bits in (128, 256, 512)


def test_the_hash_of_everything_is_a_hash():
    assert len(hash_here()) == hashlib.sha256().digest_size * 2
