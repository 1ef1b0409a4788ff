import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from scipy import stats

from pixelmill_kernels.histogram import entropy, histogram, percentiles

images = st.tuples(st.integers(1, 39), st.integers(1, 39), st.integers(1, 16), st.integers(0, 99))


def image_of(height, width, channels, seed, dtype):
    rng = np.random.default_rng(seed)
    spread = rng.integers(1, np.iinfo(dtype).max + 2)
    return rng.integers(0, spread, (height, width, channels)).astype(dtype)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(images, st.sampled_from([np.uint8, np.uint16]))
def test_counts_are_those_of_bincount(shape, dtype):
    image = image_of(*shape, dtype)
    bins = np.iinfo(dtype).max + 1
    expected = [np.bincount(plane, minlength=bins) for plane in image.reshape(-1, shape[2]).T]
    found = histogram(image)
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == np.int64


def test_counts_of_parts_add_up(rng):
    image = rng.integers(0, 256, (30, 41, 3), np.uint8)
    parts = histogram(image[:11]) + histogram(image[11:])
    np.testing.assert_array_equal(histogram(image), parts)


RANKS = (0, 1, 5, 12.5, 50, 95, 99, 100)


@settings(max_examples=40, deadline=None, derandomize=True)
@given(images, st.sampled_from([np.uint8, np.uint16]))
def test_percentiles_are_numpys_of_the_pixels_themselves(shape, dtype):
    image = image_of(*shape, dtype)
    expected = np.percentile(image, RANKS, axis=(0, 1)).T
    # 1e-9: both round a level of up to 65535 a few times in float64
    np.testing.assert_allclose(percentiles(histogram(image), RANKS), expected, atol=1e-9)


def test_one_histogram_has_one_row_of_percentiles():
    assert percentiles(np.array([0, 1, 0, 1]), (0, 50, 100)).tolist() == [1, 2, 3]


@settings(max_examples=25, deadline=None, derandomize=True)
@given(images)
def test_entropy_is_scipys(shape):
    counts = histogram(image_of(*shape, np.uint8))
    expected = stats.entropy(counts, base=2, axis=1)
    np.testing.assert_allclose(entropy(counts), expected, rtol=1e-12, atol=1e-12)


def test_entropy_of_gray_is_pillows(rng):
    image = rng.integers(30, 90, (37, 53), np.uint8)
    found = entropy(histogram(image[..., None])[0])
    assert float(found) == pytest.approx(Image.fromarray(image).entropy(), rel=1e-12)


def test_entropy_of_colours_is_pillows_less_the_choice_of_a_channel(rng):
    # Pillow counts all channels into one table of 768 bins: log2(3) more than their mean
    image = rng.integers(30, 90, (37, 53, 3), np.uint8)
    expected = Image.fromarray(image).entropy() - np.log2(3)
    assert entropy(histogram(image)).mean() == pytest.approx(expected, rel=1e-12)


def test_a_flat_image_has_no_entropy_and_all_levels_once_have_eight_bits():
    assert entropy(histogram(np.full((9, 9, 1), 7, np.uint8)))[0] == 0
    assert entropy(histogram(np.arange(256, dtype=np.uint8).reshape(16, 16, 1)))[0] == 8


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: percentiles(np.ones(4, np.int64), (101,)), r"0 to 100, got \(101,\)"),
        (lambda: percentiles(np.zeros((2, 4), np.int64), (50,)), "without pixels"),
        (lambda: entropy(np.zeros(4, np.int64)), "without pixels"),
        (lambda: histogram(np.zeros((4, 4, 17), np.uint8)), "1 to 16 channels"),
        (lambda: histogram(np.zeros((4, 8, 3), np.uint8)[:, ::2]), "not C-contiguous"),
    ],
    ids=["rank", "empty", "no bits", "bands", "strided"],
)
def test_a_wrong_argument_is_named_with_what_was_expected(ask, words):
    with pytest.raises(ValueError, match=words):
        ask()
