from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageOps
from skimage.exposure import adjust_gamma

from pixelmill_kernels.levels import gamma, invert, posterize, solarize

sizes = st.tuples(st.integers(1, 24), st.integers(1, 24), st.sampled_from([1, 3]))


def image_of(seed, shape, dtype=np.uint8):
    return np.random.default_rng(seed).integers(0, np.iinfo(dtype).max + 1, shape, dtype)


def picture(image):
    return Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)


@given(st.integers(0, 2**32), sizes, st.integers(0, 256), st.integers(1, 8))
@settings(max_examples=40, deadline=None)
def test_every_byte_is_pillows(seed, shape, threshold, bits):
    image = image_of(seed, shape)
    for ours, theirs in (
        (invert(image), ImageOps.invert(picture(image))),
        (solarize(image, threshold), ImageOps.solarize(picture(image), threshold)),
        (posterize(image, bits), ImageOps.posterize(picture(image), bits)),
    ):
        np.testing.assert_array_equal(ours, np.asarray(theirs).reshape(shape))


def test_sixteen_bits_are_their_own_scale(rng):
    image = rng.integers(0, 65536, (33, 17, 3), np.uint16)
    np.testing.assert_array_equal(invert(image), 65535 - image)
    expected = np.where(image < 30000, image, 65535 - image)
    np.testing.assert_array_equal(solarize(image, 30000), expected)
    np.testing.assert_array_equal(solarize(image, 65536), image)
    np.testing.assert_array_equal(posterize(image, 5), image // 2048 * 2048)


@given(st.integers(0, 2**32), sizes, st.floats(0.05, 12))
@settings(max_examples=40, deadline=None)
def test_gamma_is_the_formula(seed, shape, exponent):
    image = image_of(seed, shape)
    # scikit-image rounds the same sum; drawn exponents bring none of its 256 to half a level
    np.testing.assert_array_equal(gamma(image, exponent), adjust_gamma(image, exponent))


def test_gamma_is_the_formula_for_a_thousand_exponents():
    every = np.arange(256, dtype=np.uint8).reshape(1, 256, 1)
    for exponent in np.geomspace(0.02, 20, 1000):
        np.testing.assert_array_equal(gamma(every, exponent), adjust_gamma(every, exponent))


@pytest.mark.parametrize("exponent", [1, 2, 3, 5])
def test_whole_exponents_are_exact(exponent):
    every = np.arange(256, dtype=np.uint8).reshape(1, 256, 1)
    exact = [255 * Fraction(level, 255) ** exponent + Fraction(1, 2) for level in range(256)]
    assert gamma(every, exponent).ravel().tolist() == [int(level) for level in exact]


@pytest.mark.parametrize("exponent", [1e-9, 0.01, 50, 1e9])
def test_extreme_exponents_keep_black_and_white(exponent):
    every = np.arange(256, dtype=np.uint8).reshape(1, 256, 1)
    got = gamma(every, exponent).ravel()
    assert got[0] == 0
    assert got[255] == 255
    assert (np.diff(got.astype(int)) >= 0).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda image: solarize(image, 257), "threshold must be 0..256 for uint8, got 257"),
        (lambda image: solarize(image, -1), "threshold must be 0..256"),
        (lambda image: posterize(image, 0), "bits must be 1..8 for uint8, got 0"),
        (lambda image: posterize(image, 9), "bits must be 1..8"),
        (lambda image: gamma(image, 0), "exponent must be above 0 and finite, got 0"),
        (lambda image: gamma(image, float("nan")), "exponent must be above 0"),
    ],
)
def test_a_wrong_argument_is_named_with_what_was_expected(change, words):
    with pytest.raises(ValueError, match=words):
        change(np.zeros((2, 2, 3), np.uint8))
