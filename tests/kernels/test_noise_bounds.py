"""What all kernels of noise, blur and mixing promise: borders, layouts, and bytes."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import pixelmill_kernels
from pixelmill_kernels.artefacts import jpeg_artefacts
from pixelmill_kernels.blur import motion_blur
from pixelmill_kernels.erase import erase
from pixelmill_kernels.mix import mixup
from pixelmill_kernels.noise import gaussian, speckle
from pixelmill_kernels.poisson import poisson
from pixelmill_kernels.salt_and_pepper import salt_and_pepper

ROOT = Path(pixelmill_kernels.__file__).parents[1]
KERNELS = {
    "gaussian": lambda image, out=None: gaussian(image, 9, 1, out=out),
    "gaussian, shared": lambda image, out=None: gaussian(image, 9, 1, shared=True, out=out),
    "speckle": lambda image, out=None: speckle(image, 0.1, 1, out=out),
    "poisson": lambda image, out=None: poisson(image, 90, 1, out=out),
    "salt and pepper": lambda image, out=None: salt_and_pepper(image, 0.3, 1, out=out),
    "coloured specks": lambda image, out=None: salt_and_pepper(image, 0.3, 1, 0.5, False, out=out),
    "jpeg_artefacts": lambda image, out=None: jpeg_artefacts(image, 40, out=out),
    "jpeg_artefacts, 4:4:4": lambda image, out=None: jpeg_artefacts(image, 40, False, out),
    "motion_blur": lambda image, out=None: motion_blur(image, 7, 30, out),
    "motion_blur, long": lambda image, out=None: motion_blur(image, 40, 100, out),
    "erase, noise": lambda image, out=None: erase(image, [(0, 0, 1, 1)], "noise", out=out),
    "erase, mean": lambda image, out=None: erase(
        image, [(0, 0, *image.shape[:2])], "mean", out=out
    ),
    "mixup": lambda image, out=None: mixup(image, image.copy(), 0.4, out),
}
SIZES = [(1, 1), (1, 9), (9, 1), (2, 3), (17, 22), (33, 65)]


def within(image, level):
    """The same image in the middle of a larger buffer of `level`."""
    buffer = np.full(image.size + 512, level, image.dtype)
    inner = buffer[256 : 256 + image.size].reshape(image.shape)
    inner[:] = image
    return buffer, inner


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("name", KERNELS)
def test_reads_and_writes_nothing_that_is_not_its_own(rng, name, channels):
    run = KERNELS[name]
    for dtype in (np.uint8, np.uint16):
        if dtype == np.uint16 and name.startswith("jpeg"):
            continue
        for size in SIZES:
            image = rng.integers(0, 256, (*size, channels)).astype(dtype)
            expected = run(image)
            for level in (0, 255):
                before, source = within(image, level)
                after, out = within(np.zeros_like(image), 255 - level)
                assert run(source, out) is out
                np.testing.assert_array_equal(out, expected)
                np.testing.assert_array_equal(source, image)
                for buffer, fill in ((before, level), (after, 255 - level)):
                    assert (buffer[:256] == fill).all()
                    assert (buffer[256 + image.size :] == fill).all()


@pytest.mark.parametrize("name", KERNELS)
def test_a_read_only_image_is_fine_and_a_strided_one_is_refused(rng, name):
    image = rng.integers(0, 256, (9, 8, 3), np.uint8)
    expected = KERNELS[name](image)
    image.flags.writeable = False
    np.testing.assert_array_equal(KERNELS[name](image), expected)
    with pytest.raises(ValueError, match=r"not C-contiguous.*ascontiguousarray"):
        KERNELS[name](image[:, ::2])
    with pytest.raises(ValueError, match="out must be a C-contiguous"):
        KERNELS[name](image, np.empty((9, 8, 4), np.uint8))


@pytest.mark.parametrize(
    "name", [name for name in KERNELS if not name.startswith(("mixup", "motion"))]
)
def test_floats_are_refused(name):
    with pytest.raises(TypeError, match="got float32; decode first, convert last"):
        KERNELS[name](np.zeros((4, 4, 3), np.float32))


# A change of these bytes is a change of what jobs write, and belongs in CHANGELOG.md.
GOLDEN = "e4e681f2a4ca17d6fee035d9301654072f8713ab887129a442268bb5d87ac25a"

# What each kernel gives for a fixed image, as one hash.
EVERYTHING = """
import hashlib, numpy as np
from pixelmill_kernels import rng
from pixelmill_kernels.artefacts import jpeg_artefacts
from pixelmill_kernels.blur import motion_blur
from pixelmill_kernels.mix import mixup
from pixelmill_kernels.noise import gaussian, speckle
from pixelmill_kernels.poisson import poisson
from pixelmill_kernels.salt_and_pepper import salt_and_pepper
image = (rng.bits(7, (150, 393)) >> 24).astype(np.uint8).reshape(150, 131, 3)
image[:90] = np.sort(image[:90], axis=1)
parts = [gaussian(image, 9, 1), speckle(image, 0.2, 2, True), poisson(image, 77, 3),
         salt_and_pepper(image, 0.1, 4),
         jpeg_artefacts(image, 60), jpeg_artefacts(image, 90, False),
         motion_blur(image, 9, 33), mixup(image, image[::-1].copy(), 0.3), rng.normal(5, (70, 700))]
print(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""


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
    assert done.stdout.strip() == GOLDEN


def test_the_bytes_are_those_of_the_first_day():
    assert hash_here() == GOLDEN
