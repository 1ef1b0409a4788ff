import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.exposure import equalize_adapthist

from pixelmill_kernels.clahe import clahe
from pixelmill_kernels.grayscale import grayscale


def gray_of(height, width, dtype, seed):
    rng = np.random.default_rng(seed)
    levels = rng.normal(rng.uniform(20, 230), rng.uniform(1, 80), (height, width, 1)).clip(0, 255)
    return (levels * (257 if dtype == np.uint16 else 1)).astype(dtype)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    st.integers(1, 70),
    st.integers(1, 70),
    st.tuples(st.integers(1, 9), st.integers(1, 9)),
    st.sampled_from([0, 0.5, 1, 2, 4, 40]),
    st.integers(0, 10**6),
)
def test_gray_is_opencvs_to_the_bit(height, width, tiles, clip_limit, seed):
    gray = gray_of(height, width, np.uint8, seed)
    theirs = cv2.createCLAHE(clip_limit, tiles[::-1]).apply(gray[..., 0])
    np.testing.assert_array_equal(clahe(gray, clip_limit, tiles)[..., 0], theirs)


@pytest.mark.parametrize("size", [(1, 1), (2, 3), (3, 50), (50, 3), (5, 4)], ids=str)
def test_an_image_with_fewer_pixels_than_tiles_is_reflected_as_often_as_it_takes(rng, size):
    gray = rng.integers(0, 256, (*size, 1), np.uint8)
    theirs = cv2.createCLAHE(40, (12, 9)).apply(gray[..., 0])
    np.testing.assert_array_equal(clahe(gray, 40, (9, 12))[..., 0], theirs)


@pytest.mark.parametrize("size", [(1, 1), (40, 33), (64, 48), (7, 90)], ids=str)
@pytest.mark.parametrize("clip_limit", [0, 2, 40])
def test_16_bits_are_opencvs_to_the_bit(size, clip_limit):
    gray = gray_of(*size, np.uint16, 5)
    theirs = cv2.createCLAHE(clip_limit, (3, 2)).apply(gray[..., 0])
    np.testing.assert_array_equal(clahe(gray, clip_limit, (2, 3))[..., 0], theirs)


def test_colours_keep_their_differences_and_alpha_stays(rng):
    image = rng.integers(100, 130, (40, 50, 4), np.uint8)  # so dull that nothing is clamped
    found = clahe(image, 1.0).astype(int)
    change = found[..., :3] - image[..., :3]
    assert (change == change[..., :1]).all()
    gray = grayscale(image)
    np.testing.assert_array_equal(change[..., :1], clahe(gray, 1.0).astype(int) - gray)
    np.testing.assert_array_equal(found[..., 3], image[..., 3])


def test_colours_are_clamped(rng):
    image = rng.integers(0, 256, (40, 50, 3), np.uint8)
    gray = grayscale(image)
    moved = image + (clahe(gray).astype(int) - gray)
    np.testing.assert_array_equal(clahe(image), moved.clip(0, 255))


def test_scikit_image_is_near():
    y, x = np.indices((256, 256))
    noise = np.random.default_rng(3).normal(0, 6, (256, 256))
    gray = (90 + 40 * np.sin(x / 17) * np.cos(y / 29) + noise).clip(0, 255).astype(np.uint8)
    # its limit is a share of the pixels of a tile: 2 of 256 levels; its tiles are 32 pixels wide
    theirs = 255 * equalize_adapthist(gray, 32, clip_limit=2 / 256)
    # It stretches its result to the full range at last: the levels differ, their order hardly does.
    assert np.corrcoef(clahe(gray[..., None]).ravel(), theirs.ravel())[0, 1] > 0.97


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"clip_limit": -1}, "clip_limit must be 0 or more, got -1"),
        ({"tiles": (0, 8)}, r"tiles \(down, across\) must be 1 or more each, got \(0, 8\)"),
    ],
    ids=["limit", "tiles"],
)
def test_a_wrong_argument_is_named_with_what_was_expected(options, words):
    with pytest.raises(ValueError, match=words):
        clahe(np.zeros((4, 4, 1), np.uint8), **options)
