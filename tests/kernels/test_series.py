import math

import numpy as np
import pytest

from pixelmill_kernels._series import _exp, _log2


def test_log2_is_the_c_librarys_but_for_its_last_bits(rng):
    for x in [*np.exp(rng.uniform(-40, 44, 500)), *range(1, 300), 1e-300, 1e300]:
        expected = math.log2(x)
        # 4e-16: two roundings of float64
        assert _log2(float(x)) == pytest.approx(expected, rel=4e-16, abs=4e-16)


def test_log2_of_a_power_of_two_is_whole():
    assert [_log2(2.0**n) for n in range(-60, 60)] == list(range(-60, 60))


def test_exp_is_the_c_librarys_but_for_its_last_bits(rng):
    for x in [*rng.uniform(-700, 709, 500), *rng.uniform(-1, 1, 100), 0.0]:
        # 1e-15: the argument is cut down to |r| < 0.35 in float64
        assert _exp(float(x)) == pytest.approx(math.exp(x), rel=1e-15)


def test_exp_ends_where_float64_ends():
    assert _exp(-746.0) == _exp(-math.inf) == 0
    assert _exp(710.0) == _exp(math.inf) == math.inf
    assert _exp(0.0) == 1
