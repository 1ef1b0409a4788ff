"""Any image comes apart into red, green, blue and alpha, and together again."""

import numpy as np
import pytest
from numba import njit

from pixelmill_kernels import _rgba


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_pixels_taken_apart_and_put_together_are_the_pixels(rng, channels):
    @njit
    def through(source, target, channels):
        _rgba.put(target, 0, channels, _rgba.take(source, 0, channels))

    source = rng.integers(0, 256, 16 * channels, np.uint8)
    target = np.zeros_like(source)
    through(source, target, channels)
    np.testing.assert_array_equal(target, source)
