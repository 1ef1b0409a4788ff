import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels.stretch import stretch


@settings(max_examples=40, deadline=None, derandomize=True)
@given(
    st.tuples(st.integers(1, 39), st.integers(1, 39), st.integers(1, 16)),
    st.sampled_from([np.uint8, np.uint16]),
    st.sampled_from([(1, 99), (0, 100), (2, 80)]),
    st.sampled_from(["image", "channel"]),
    st.sampled_from([8, 12, 16]),
    st.integers(0, 10**6),
)
def test_is_the_line_between_numpys_percentiles(shape, dtype, ranks, per, bits, seed):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, rng.integers(2, np.iinfo(dtype).max + 2), shape).astype(dtype)
    axes, top = (0, 1, 2) if per == "image" else (0, 1), 2**bits - 1
    low, high = np.percentile(image, ranks, axis=axes, keepdims=True)
    span = np.where(high > low, high - low, 1)
    exact = np.where(image <= low, 0, np.where(image >= high, 1, (image - low) / span)) * top
    found = stretch(image, *ranks, per, bits=bits)
    # half a level of rounding; 1e-6: the percentiles' own last bits, times 65,535
    assert abs(found - exact).max() <= 0.5 + 1e-6
    assert found.dtype == (np.uint8 if bits == 8 else np.uint16)


def test_a_flat_image_becomes_black():
    assert not stretch(np.full((5, 5, 3), 900, np.uint16)).any()


@pytest.mark.parametrize("ranks", [(5, 5), (99, 1), (-1, 50), (0, 101)])
def test_ranks_must_rise_from_0_to_100(ranks):
    with pytest.raises(ValueError, match=r"0 <= low < high <= 100, got"):
        stretch(np.zeros((4, 4, 1), np.uint8), *ranks)
