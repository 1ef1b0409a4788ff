import imagehash
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.Image import Resampling

from pixelmill_kernels._thumbnail import _weights, thumbnail
from pixelmill_kernels.hashing import average_hash, difference_hash, hamming, perceptual_hash

OURS_AND_THEIRS = {
    "average": (average_hash, imagehash.average_hash),
    "difference": (difference_hash, imagehash.dhash),
    "perceptual": (perceptual_hash, imagehash.phash),
}
every_hash = pytest.mark.parametrize("name", OURS_AND_THEIRS)


def picture_of(image):
    return Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)


def smooth(rng, height, width, channels):
    """Random blobs, as photographs have, and hard edges of black and white."""
    blobs = rng.integers(0, 256, (5, 7, channels), np.uint8)
    large = picture_of(blobs).resize((width, height), Resampling.BICUBIC)
    image = np.asarray(large).reshape(height, width, channels).copy()
    image[: height // 3, : width // 2] = rng.integers(0, 2) * 255
    return image


@every_hash
@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.integers(1, 200), st.integers(1, 200), st.sampled_from([1, 3, 4]), st.integers(0, 10**6))
@pytest.mark.plain_pillow
def test_bits_are_those_of_imagehash(name, height, width, channels, seed):
    ours, theirs = OURS_AND_THEIRS[name]
    image = smooth(np.random.default_rng(seed), height, width, channels)
    assert f"{ours(image):016x}" == str(theirs(picture_of(image).convert("RGB")))


@every_hash
@pytest.mark.parametrize("level", [0, 77, 255])
def test_a_flat_image_has_the_bits_of_imagehash(name, level):
    ours, theirs = OURS_AND_THEIRS[name]
    image = np.full((50, 61, 3), level, np.uint8)
    assert f"{ours(image):016x}" == str(theirs(picture_of(image)))


@settings(max_examples=50, deadline=None, derandomize=True)
@given(
    st.integers(1, 120),
    st.integers(1, 120),
    st.sampled_from([(8, 8), (8, 9), (32, 32)]),
    st.booleans(),
    st.integers(0, 10**6),
)
@pytest.mark.plain_pillow
def test_a_thumbnail_is_pillows_to_the_bit(height, width, size, hard, seed):
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 256, (height, width, 1), np.uint8)
    if hard:  # black and white: the filter overshoots, and is clamped twice
        image = (image > 127).astype(np.uint8) * 255
    theirs = picture_of(image).resize(size[::-1], Resampling.LANCZOS)
    np.testing.assert_array_equal(thumbnail(image, size), np.asarray(theirs))


@pytest.mark.parametrize(
    ("n_in", "n_out"), [(8, 8), (5, 8), (9, 8), (33, 32), (468, 32), (1999, 9)]
)
def test_weights_are_the_formula_in_parts_of_four_million(n_in, n_out):
    weights, spans = _weights(n_in, n_out)
    stretch = max(n_in / n_out, 1)
    places = np.arange(n_in) + 0.5
    for i, (low, count) in enumerate(spans):
        x = (places - (i + 0.5) * n_in / n_out) / stretch
        exact = np.sinc(x) * np.sinc(x / 3) * (abs(x) < 3)
        exact = exact[low : low + count] / exact[low : low + count].sum() * 2**22
        # Halves go away from zero, and none comes near enough for a last bit to matter.
        expected = np.trunc(exact + np.copysign(0.5, exact))
        np.testing.assert_array_equal(weights[i, :count], expected)
        assert not weights[i, count:].any()


@pytest.mark.plain_pillow
def test_a_tall_image_is_shortened_first_as_pillow_does(rng):
    image = rng.integers(0, 256, (400, 30, 3), np.uint8)
    theirs = picture_of(image).convert("L").resize((8, 8), Resampling.LANCZOS)
    np.testing.assert_array_equal(thumbnail(image, (8, 8)), np.asarray(theirs))


def test_hashes_stay_what_they_were():
    y, x, c = np.indices((120, 160, 3))
    image = ((x * x // 40 + y * (c + 3) // 2) % 256).astype(np.uint8)
    found = [f"{ours(image):016x}" for ours, _ in OURS_AND_THEIRS.values()]
    assert found == [
        "1a1a3235f5e5edc9",
        "f2f6f4e5edcd991a",
        "860c19a31e733fb3",
    ]


def test_a_near_duplicate_is_near_and_another_image_far(rng):
    one, other = smooth(rng, 120, 160, 3), smooth(rng, 120, 160, 3)
    half = np.asarray(picture_of(one).resize((80, 60)))
    assert hamming(perceptual_hash(one), perceptual_hash(half)) <= 4
    assert hamming(perceptual_hash(one), perceptual_hash(other)) >= 16


def test_hamming_counts_differing_bits_of_arrays(rng):
    hashes = rng.integers(0, 2**64, 30, np.uint64)
    expected = [[(int(a) ^ int(b)).bit_count() for b in hashes] for a in hashes]
    np.testing.assert_array_equal(hamming(hashes[:, None], hashes), expected)
    assert hamming(2**64 - 1, 0) == 64


@every_hash
def test_16_bits_are_refused(name):
    with pytest.raises(TypeError, match="must be uint8, got uint16"):
        OURS_AND_THEIRS[name][0](np.zeros((9, 9, 1), np.uint16))
