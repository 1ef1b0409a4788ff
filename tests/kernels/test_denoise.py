"""What all that takes noise away keeps; the formulas are tested kernel by kernel."""

import numpy as np
import pytest

from pixelmill.demo.cut import photograph
from pixelmill_kernels import denoise

METHODS = {
    "median_3": lambda image: denoise.median(image, 3),
    "median_5": lambda image: denoise.median(image, 5),
    "gaussian": lambda image: denoise.gaussian(image, 0.8),
    "bilateral": lambda image: denoise.bilateral(image, 60, 2, 5),
    "diffusion": lambda image: denoise.diffusion(image, 40, 4),
    "nonlocal_means": lambda image: denoise.nonlocal_means(image, 9, 15),
    "total_variation": lambda image: denoise.total_variation(image, 10, 20),
    "wavelet": lambda image: denoise.wavelet(image, 15, 3),
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


@every_method
def test_a_flat_image_stays(method):
    for level in (0, 1, 100, 255):
        image = np.full((40, 70, 3), level, np.uint8)
        np.testing.assert_array_equal(method(image), image)


@every_method
def test_a_noisy_photograph_comes_nearer_to_the_clean_one(rng, method):
    clean = np.asarray(photograph("coffee").convert("RGB").resize((150, 100)), float)
    noisy = np.clip(clean + rng.normal(0, 15, clean.shape), 0, 255).round().astype(np.uint8)
    before, after = (((image - clean) ** 2).mean() for image in (noisy, method(noisy)))
    # The median of 25 pixels takes more detail than noise from so small a photograph.
    assert after < before * (2 if method is METHODS["median_5"] else 0.75)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("cpu", ["nehalem", "haswell"])
def test_a_narrower_machine_gives_the_same_bytes(cpu, on_another_machine, on_this_machine):
    assert on_another_machine(cpu, EVERYTHING) == on_this_machine(EVERYTHING)
