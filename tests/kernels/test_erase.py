import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pixelmill_kernels import rng as r
from pixelmill_kernels.erase import FILLS, erase


@settings(max_examples=40, deadline=None)
@given(
    channels=st.sampled_from([1, 3, 4]),
    dtype=st.sampled_from([np.uint8, np.uint16]),
    fill=st.sampled_from(FILLS),
    part=st.tuples(*[st.integers(0, 20)] * 2, *[st.integers(1, 15)] * 2),
)
def test_fills_the_rectangle_and_nothing_else(channels, dtype, fill, part):
    rng = np.random.default_rng(channels)
    image = rng.integers(0, np.iinfo(dtype).max + 1, (35, 37, channels), dtype)
    top, left, height, width = part
    place = np.s_[top : top + height, left : left + width, :3]
    expected = image.copy()
    bits = np.iinfo(dtype).bits
    words = r.bits(5, (35, 37 * channels)).reshape(image.shape) >> (32 - bits)
    expected[place] = {
        "constant": 7,
        "mean": np.floor(image.mean(axis=(0, 1)) + 0.5)[:3],
        "noise": words[place],
    }[fill]
    np.testing.assert_array_equal(erase(image, [part], fill, 7, 5), expected)


def test_several_rectangles_may_overlap(rng):
    image = rng.integers(1, 256, (20, 30, 3), np.uint8)
    out = erase(image, [(0, 0, 10, 10), (5, 5, 15, 25)], value=(1, 2, 3))
    expected = image.copy()
    expected[:10, :10] = expected[5:, 5:] = (1, 2, 3)
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(erase(image, []), image)


def test_noise_has_every_level_as_often():
    out = erase(np.zeros((400, 400, 3), np.uint8), [(0, 0, 400, 400)], "noise", key=1)
    assert stats.chisquare(np.bincount(out.ravel(), minlength=256)).pvalue > 0.01


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rectangles": [(0, 0, 9, 2)]}, r"rectangle .* must lie within 8 x 8"),
        ({"rectangles": [(0, 0, 0, 2)]}, r"rectangle .* not be empty"),
        ({"fill": "blur"}, "fill must be one of constant, mean, noise, got 'blur'"),
        ({"value": 256}, "value must be 0 to 255, one number or 3, got 256"),
        ({"value": (1, 2)}, "value must be 0 to 255, one number or 3"),
        ({"fill": "noise", "key": -1}, "key must be 0 to"),
    ],
)
def test_what_makes_no_sense_is_refused(change, said):
    arguments = {"rectangles": [(1, 1, 2, 2)]} | change
    with pytest.raises(ValueError, match=said):
        erase(np.zeros((8, 8, 3), np.uint8), **arguments)
