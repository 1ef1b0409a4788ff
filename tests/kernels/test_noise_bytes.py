"""The kernels of noise, blur and mixing give the bytes of the first day, on any machine."""

import pytest

# A change of these bytes is a change of what jobs write, and belongs in CHANGELOG.md.
GOLDEN = "cf4394f5da1ba95a7bf7b2876916eb25ab1f37ac4ce68f8c9d8530ef198c7a33"

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


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("cpu", ["nehalem", "haswell"])
def test_a_narrower_machine_gives_the_same_bytes(cpu, on_another_machine):
    assert on_another_machine(cpu, EVERYTHING) == GOLDEN


def test_the_bytes_are_those_of_the_first_day(on_this_machine):
    assert on_this_machine(EVERYTHING) == GOLDEN
