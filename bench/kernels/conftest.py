"""The images that all kernels are timed on."""

from time import perf_counter

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
    """Time `run`, in a group, and give the megapixels of `pixels` read in a second.

    With `beside` the two run in turns, and how many times as long `run` takes is given too.
    """

    def time(group, run, pixels, beside=None):
        run()  # compiled, and its pages mapped
        benchmark.group = group
        if beside is None:
            benchmark(run)
        else:
            others = in_turns(benchmark, run, beside)
        if benchmark.stats:
            median = benchmark.stats["median"]
            benchmark.extra_info["megapixels_per_s"] = round(pixels / 1e6 / median, 1)
            benchmark.extra_info["images_per_s"] = round(1 / median)
            if beside is not None:
                benchmark.extra_info["times_beside"] = round(median / np.median(others), 2)

    return time


def in_turns(benchmark, run, beside):
    """Time `run`, and `beside` before each time; the seconds of the latter."""
    seconds = []

    def setup():
        start = perf_counter()
        beside()
        seconds.append(perf_counter() - start)

    setup()
    # as long as others get (--benchmark-max-time=0.4), but often enough for a median
    rounds = max(20, int(0.4 / min(seconds)) // 4)
    benchmark.pedantic(run, setup=setup, rounds=min(rounds, 1000), warmup_rounds=5)
    return seconds
