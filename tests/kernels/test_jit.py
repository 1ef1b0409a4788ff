import threading
from time import perf_counter

import numba
import numpy as np

from pixelmill_kernels import filters
from pixelmill_kernels.compiling import seconds_compiling


def test_kernels_release_the_gil_and_never_reorder_a_sum():
    options = filters._fill.targetoptions
    assert options["nogil"]
    assert not options.get("fastmath")


def test_compiling_is_timed_in_the_thread_that_pays_for_it():
    @numba.njit
    def slow_to_compile(values):
        return np.sort(values).sum()

    before = seconds_compiling()
    other = []
    thread = threading.Thread(target=lambda: other.append(seconds_compiling()))
    start = perf_counter()
    slow_to_compile(np.arange(3.0))
    took = perf_counter() - start
    thread.start()
    thread.join()
    assert 0.5 * took < seconds_compiling() - before <= took
    assert other == [0.0]
    before = seconds_compiling()
    slow_to_compile(np.arange(3.0))
    assert seconds_compiling() == before
