import numpy as np
import pytest

from pixelmill_kernels.geometry import crop, flip, pad, rotate90

DTYPES = [np.uint8, np.uint16, np.float32]
SIZES = [(1, 1), (1, 9), (9, 1), (33, 70)]
every_kind = pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.__name__)
every_channels = pytest.mark.parametrize("channels", [1, 3, 4])
every_size = pytest.mark.parametrize("size", SIZES, ids=str)


def image_of(rng, size, channels, dtype):
    return (rng.random((*size, channels)) * 250).astype(dtype)


@every_kind
@every_channels
@every_size
def test_flips_and_turns_are_numpys(rng, size, channels, dtype):
    image = image_of(rng, size, channels, dtype)
    np.testing.assert_array_equal(flip(image), image[:, ::-1])
    np.testing.assert_array_equal(flip(image, "vertical"), image[::-1])
    for turns in range(-3, 6):
        turned = rotate90(image, turns)
        np.testing.assert_array_equal(turned, np.rot90(image, turns))
        assert turned.flags.c_contiguous


@every_kind
@every_channels
@every_size
def test_padding_is_numpys(rng, size, channels, dtype):
    image = image_of(rng, size, channels, dtype)
    for top, bottom, left, right in ((0, 0, 0, 0), (1, 2, 3, 4), (40, 0, 0, 90), (0, 5, 6, 0)):
        border = ((top, bottom), (left, right), (0, 0))
        for mode in ("edge", "reflect"):
            expected = np.pad(image, border, mode)
            np.testing.assert_array_equal(pad(image, top, bottom, left, right, mode), expected)
        expected = np.pad(image, border, constant_values=7)
        np.testing.assert_array_equal(pad(image, top, bottom, left, right, value=7), expected)


def test_a_border_may_have_a_colour(rng):
    image = image_of(rng, (3, 4), 3, np.uint8)
    padded = pad(image, 1, 2, 3, 4, value=(10, 20, 30))
    inside = np.zeros(padded.shape[:2], bool)
    inside[1:4, 3:7] = True
    np.testing.assert_array_equal(padded[inside], image.reshape(-1, 3))
    assert (padded[~inside] == (10, 20, 30)).all()


@every_kind
def test_a_crop_is_a_copy_of_the_rectangle(rng, dtype):
    image = image_of(rng, (33, 70), 3, dtype)
    cut = crop(image, 3, 5, 20, 41)
    np.testing.assert_array_equal(cut, image[3:23, 5:46])
    assert cut.flags.c_contiguous
    assert not np.may_share_memory(cut, image)


@pytest.mark.parametrize(
    "change",
    [
        lambda image, out: crop(image, 1, 1, 4, 6, out=out[1:5, :, :][:, :6].copy()),
        lambda image, out: flip(image, out=out),
        lambda image, out: flip(image, "vertical", out=out),
        lambda image, out: rotate90(image, 2, out=out),
        lambda image, out: pad(image[:4].copy(), 1, 1, 0, 0, out=out),
    ],
    ids=["crop", "flip", "flip vertical", "rotate", "pad"],
)
def test_out_is_written_and_returned(rng, change):
    image = image_of(rng, (6, 7), 3, np.uint8)
    out = np.full((6, 7, 3), 255, np.uint8)
    assert (change(image, out) < 255).all()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda image: crop(image, 0, 0, 9, 1), r"crop .*\(0, 0, 9, 1\) must lie within 8 x 6"),
        (lambda image: crop(image, 0, 0, 0, 1), r"and not be empty"),
        (lambda image: pad(image, 0, -1, 0, 0), r"0 or more, got \(0, -1, 0, 0\)"),
        (lambda image: pad(image, 1, 1, 1, 1, "wrap"), r"mode must be one of constant, edge"),
        (lambda image: flip(image, "x"), r"axis must be one of horizontal, vertical, got 'x'"),
        (lambda image: rotate90(image, out=np.empty((8, 6, 3), np.uint8)), r"\(6, 8, 3\)"),
    ],
    ids=["crop", "empty crop", "pad", "mode", "axis", "out"],
)
def test_a_wrong_argument_is_named_with_what_was_expected(change, words):
    with pytest.raises(ValueError, match=words):
        change(np.zeros((8, 6, 3), np.uint8))
