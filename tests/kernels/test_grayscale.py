import cv2
import numpy as np
import pytest
from PIL import Image

from pixelmill_kernels import grayscale as module
from pixelmill_kernels.grayscale import _mean_gray, grayscale


@pytest.mark.plain_pillow
def test_every_colour_there_is_becomes_pillows_gray():
    codes = np.arange(1 << 24, dtype=np.uint32)
    colours = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], -1).astype(np.uint8)
    image = colours.reshape(4096, 4096, 3)
    theirs = np.asarray(Image.fromarray(image).convert("L"))
    np.testing.assert_array_equal(grayscale(image)[..., 0], theirs)


@pytest.mark.parametrize("size", [(1, 1), (3, 5), (4, 4), (1, 33), (40, 31)], ids=str)
@pytest.mark.plain_pillow
def test_channels_are_those_asked_for_and_alpha_stays_with_three(rng, size):
    image = rng.integers(0, 256, (*size, 4), np.uint8)
    colours = np.ascontiguousarray(image[..., :3])
    gray = np.asarray(Image.fromarray(colours).convert("L"))[..., None]
    np.testing.assert_array_equal(grayscale(image), gray)
    np.testing.assert_array_equal(grayscale(colours), gray)
    np.testing.assert_array_equal(grayscale(colours, 3), np.repeat(gray, 3, 2))
    np.testing.assert_array_equal(grayscale(gray, 3), np.repeat(gray, 3, 2))
    np.testing.assert_array_equal(grayscale(gray), gray)
    both = np.concatenate([np.repeat(gray, 3, 2), image[..., 3:]], 2)
    np.testing.assert_array_equal(grayscale(image, 3), both)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_the_mean_gray_is_exact_for_large_images_too(rng, channels, monkeypatch):
    image = np.full((1100, 1000, channels), 255, np.uint8)  # more than one flush of 65,536 x 16
    image[0, : 16 * 7] = 0
    grays = grayscale(image)
    assert grays.size > module.FLUSH * 16
    total = int(grays.sum(dtype=np.int64))
    assert module._gray_sum(image.reshape(-1), channels) == total
    assert _mean_gray(image) == int(total / grays.size + 0.5)


def test_two_channels_are_refused():
    with pytest.raises(ValueError, match="channels must be 1 or 3, got 2"):
        grayscale(np.zeros((2, 2, 3), np.uint8), 2)


def test_16_bits_are_within_a_level_of_the_formula(rng):
    image = rng.integers(0, 65536, (37, 53, 3), np.uint16)
    exact = np.rint(image @ np.array([0.299, 0.587, 0.114]))
    # 1: the weights are in 65,536ths, and float32 holds 65535 to a 256th
    assert abs(grayscale(image)[..., 0] - exact).max() <= 1
    every = np.arange(65536, dtype=np.uint16).reshape(256, 256, 1)
    np.testing.assert_array_equal(grayscale(np.repeat(every, 3, 2)), every)
    np.testing.assert_array_equal(grayscale(every, 3), np.repeat(every, 3, 2))


def test_is_within_a_level_of_opencvs(rng):
    image = rng.integers(0, 256, (37, 53, 3), np.uint8)
    theirs = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(int)
    assert abs(grayscale(image)[..., 0] - theirs).max() <= 1  # its weights are in 16,384ths


def test_gray_stays_and_is_copied(rng):
    image = rng.integers(0, 256, (5, 7, 1), np.uint8)
    same = grayscale(image)
    np.testing.assert_array_equal(same, image)
    assert not np.may_share_memory(same, image)
