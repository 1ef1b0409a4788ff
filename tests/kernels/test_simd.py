import hashlib
from inspect import ismodule

import pytest

from pixelmill_kernels import simd

# What every kernel with arithmetic gives for fixed images, as one hash.
EVERYTHING = """
import hashlib, numpy as np
from pixelmill_kernels.denoise import median
from pixelmill_kernels.fused import resize_normalize
from pixelmill_kernels.normalize import normalize
from pixelmill_kernels.resize import resize
rng = np.random.default_rng(7)
image = rng.integers(0, 256, (150, 131, 3), np.uint8)
mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
parts = [resize(image, size, name) for size in ((96, 84), (20, 9), (200, 190), (150, 60), (77, 131))
         for name in ("bicubic", "lanczos", "hamming")]
parts += [normalize(image, mean, std), median(image)]
parts += [resize(image[..., :1].copy().astype(np.float32), (40, 50), "lanczos")]
parts += [resize_normalize(image, (96, 84), mean, std, mirror=True, layout=layout, dtype=dtype)
          for layout in ("chw", "hwc") for dtype in (np.float32, np.float16)]
parts += [resize(image[:144, :128].copy(), (144 // n, 128 // n), "box") for n in (2, 4, 8)]
print(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
"""


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("cpu", ["nehalem", "ivybridge", "haswell"])
def test_a_narrower_machine_gives_the_same_bytes(cpu, on_another_machine, on_this_machine):
    assert on_another_machine(cpu, EVERYTHING) == on_this_machine(EVERYTHING)


def test_the_layer_is_told_in_full_and_in_order():
    assert simd.__all__ == sorted(simd.__all__)
    told = {name for name, value in vars(simd).items() if name[0] != "_" and not ismodule(value)}
    assert set(simd.__all__) == told


def test_the_machine_is_told():
    target = simd.target()
    assert target.cpu
    assert target.bits == simd.width()
    assert target.bits in (128, 256, 512)


def test_the_hash_of_everything_is_a_hash(on_this_machine):
    assert len(on_this_machine(EVERYTHING)) == hashlib.sha256().digest_size * 2
