"""The images that all kernels are timed on."""

import numpy as np
import pytest


@pytest.fixture
def rng():
    return np.random.default_rng(seed=20240)


@pytest.fixture
def photograph(rng):
    """A function (height, width) -> RGB with slopes, edges and noise, as photographs have."""

    def make(height, width):
        slope = np.add.outer(np.arange(height) * 0.21, np.arange(width) * 0.13)
        waves = 90 * np.sin(slope[..., None] / [9, 23, 57]) + 128
        return np.clip(waves + rng.normal(0, 9, (height, width, 3)), 0, 255).astype(np.uint8)

    return make


@pytest.fixture
def timed(benchmark):
    """Time `run`, in a group, and give the megapixels of `pixels` read in a second."""

    def time(group, run, pixels):
        run()  # compiled, and its pages mapped
        benchmark.group = group
        benchmark(run)
        if benchmark.stats:
            rate = pixels / 1e6 / benchmark.stats["median"]
            benchmark.extra_info["megapixels_per_s"] = round(rate, 1)
            benchmark.extra_info["images_per_s"] = round(1 / benchmark.stats["median"])

    return time
