import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.restoration import denoise_tv_chambolle

from pixelmill_kernels.total_variation import total_variation

DTYPES = [np.uint8, np.uint16, np.float32]


@settings(max_examples=40, deadline=None)
@given(
    dtype=st.sampled_from(DTYPES),
    channels=st.sampled_from((1, 3, 4)),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    share=st.floats(0.01, 0.5),
    iterations=st.integers(1, 30),
    seed=st.integers(0, 99),
)
def test_is_scikit_images_at_borders_too(dtype, channels, size, share, iterations, seed):
    full = 1 if dtype == np.float32 else np.iinfo(dtype).max
    image = np.random.default_rng(seed).uniform(0, full, (*size, channels)).astype(dtype)
    theirs = denoise_tv_chambolle(
        image / np.float64(full), share, eps=0, max_num_iter=iterations + 1, channel_axis=-1
    )
    error = np.abs(total_variation(image, share * full, iterations) - full * theirs)
    # Half a level of rounding, and that of float32 in each iteration.
    assert error.max() <= (0 if dtype == np.float32 else 0.5) + iterations * 1e-6 * full


def test_many_iterations_come_to_rest(rng):
    image = rng.uniform(0, 255, (20, 30, 1)).astype(np.float32)
    steps = [total_variation(image, 60, count) for count in (100, 400, 401)]
    assert np.abs(steps[2] - steps[1]).max() < 0.01
    assert np.abs(steps[1] - steps[0]).max() < 5


def test_the_mean_of_each_channel_stays(rng):
    image = rng.uniform(0, 255, (31, 33, 3)).astype(np.float32)
    # what flows out of a pixel flows into its neighbour; 1e-3: float32 sums of 255
    means = total_variation(image, 100).mean(axis=(0, 1))
    np.testing.assert_allclose(means, image.mean(axis=(0, 1)), atol=1e-3)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((0,), "weight must be above 0, got 0"),
        ((9, 0), "iterations must be 1 to 1000, got 0"),
        ((9, 1001), "iterations must be 1 to 1000, got 1001"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(args, said):
    with pytest.raises(ValueError, match=said):
        total_variation(np.zeros((4, 4, 3), np.uint8), *args)
