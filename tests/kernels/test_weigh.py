import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels.weigh import weigh


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 30),
    st.integers(1, 30),
    st.sampled_from([1, 3, 4]),
    st.lists(st.floats(0, 1), min_size=1, max_size=5),
)
def test_is_the_sum_of_the_weighted_levels_rounded(height, width, channels, weights):
    rng = np.random.default_rng(height * 31 + width)
    shape = height, width, channels
    images = [rng.integers(0, 256, shape, np.uint8) for _ in weights]
    expected = sum(w * i.astype(float) for w, i in zip(weights, images, strict=True))
    expected = np.clip(expected, 0, 255)
    # half a level of rounding, and 1e-4 for float32 sums of up to 1275
    assert np.abs(weigh(images, weights).astype(float) - expected).max() <= 0.5 + 1e-4


def test_one_image_of_weight_one_stays_what_it_is(rng):
    image = rng.integers(0, 256, (9, 11, 3), np.uint8)
    np.testing.assert_array_equal(weigh([image], [1.0]), image)


def test_out_is_written_and_nothing_around_it(rng):
    image = rng.integers(0, 256, (5, 7, 3), np.uint8)
    room = np.full(5 * 7 * 3 + 64, 77, np.uint8)
    out = room[32:-32].reshape(5, 7, 3)
    assert weigh([image, image], [0.25, 0.75], out) is out
    np.testing.assert_array_equal(out, image)
    assert (room[:32] == 77).all()
    assert (room[-32:] == 77).all()


@pytest.mark.parametrize(
    ("images", "weights", "said"),
    [
        ([], [], "one weight an image"),
        ([np.zeros((2, 2, 3), np.uint8)], [0.5, 0.5], "one weight an image"),
        ([np.zeros((2, 2, 3), np.uint8), np.zeros((2, 3, 3), np.uint8)], [1, 1], "one shape"),
        ([np.zeros((2, 2, 3), np.uint8)], [-1.0], "0 or more"),
        ([np.zeros((4, 4, 3), np.uint8)[:, ::2]], [1.0], "not C-contiguous"),
    ],
)
def test_wrong_arguments_are_refused_with_the_mend(images, weights, said):
    with pytest.raises(ValueError, match=said):
        weigh(images, weights)
