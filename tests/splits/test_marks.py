import numpy as np

from pixelmill.splits.marks import Mark


def test_images_without_detail_look_like_nothing_and_those_with_many_bands_too():
    assert Mark("train").of(np.full((40, 30, 3), 7, np.uint8)).looks == ""
    assert Mark("train").of(np.zeros((40, 30, 5), np.uint8)).looks == ""
    assert len(Mark("train").of(np.zeros((40, 30, 5), np.uint8)).pixels) == 32


def test_16_bit_images_look_like_their_upper_bits(rng):
    image = rng.integers(0, 256, (40, 30, 1), np.uint8)
    deep = image.astype(np.uint16) * 256 + 77
    one, other = Mark("train").of(image), Mark("train").of(deep)
    assert one.looks == other.looks != ""
    assert one.pixels != other.pixels
