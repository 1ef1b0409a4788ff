import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels.wavelet import EXCESS, SIDE, wavelet

KINDS = [(np.uint8, 3), (np.uint8, 1), (np.uint16, 4), (np.float32, 1)]
OPPONENT = np.array(
    [
        np.array([1, 1, 1]) / np.sqrt(3),
        np.array([1, 0, -1]) / np.sqrt(2),
        np.array([1, -2, 1]) / np.sqrt(6),
    ]
)


def from_there(plane, dy, dx):
    return np.roll(plane, (-dy, -dx), (0, 1))


def scaled(band, noise):
    border = SIDE // 2
    near = np.lib.stride_tricks.sliding_window_view(np.pad(band**2, border), (SIDE, SIDE))
    energy = np.maximum(near.sum(axis=(2, 3)), 1e-20)
    return band * np.maximum(1 - EXCESS * SIDE**2 * noise**2 / energy, 0)


def shrunk(plane, sigma, level, levels):
    """The definition, level by level, on a plane whose margin is wide enough to be rolled."""
    if level == levels:
        return plane
    step = 2**level
    a, b = plane, from_there(plane, 0, step)
    c, d = from_there(plane, step, 0), from_there(plane, step, step)
    mean = shrunk((a + b + c + d) / 4, sigma / 2, level + 1, levels)
    upright = scaled((a + b - c - d) / 4, sigma / 2)
    across = scaled((a - b + c - d) / 4, sigma / 2)
    both = scaled((a - b - c + d) / 4, sigma / 2)
    parts = [
        from_there(mean + v * upright + h * across + v * h * both, -dy, -dx)
        for dy, v in ((0, 1), (step, -1))
        for dx, h in ((0, 1), (step, -1))
    ]
    return sum(parts) / 4


def by_the_formula(image, sigma, levels):
    margin = 2**levels + SIDE
    wide = np.pad(image.astype(np.float64), ((margin, margin), (margin, margin), (0, 0)), "reflect")
    if image.shape[2] > 1:
        wide[..., :3] = wide[..., :3] @ OPPONENT.T
    planes = [shrunk(wide[..., c], sigma, 0, levels) for c in range(image.shape[2])]
    out = np.stack(planes, axis=-1)[margin:-margin, margin:-margin]
    if image.shape[2] > 1:
        out[..., :3] = out[..., :3] @ OPPONENT
    return out


@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(KINDS),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    share=st.floats(0, 0.3),
    levels=st.integers(1, 5),
    seed=st.integers(0, 99),
)
def test_is_the_formula_at_borders_too(kind, size, share, levels, seed):
    dtype, channels = kind
    full = 1 if dtype == np.float32 else np.iinfo(dtype).max
    image = np.random.default_rng(seed).uniform(0, full, (*size, channels)).astype(dtype)
    exact = np.clip(by_the_formula(image, share * full, levels), 0, full)
    out = wavelet(image, share * full, levels)
    out = np.clip(out, 0, full)  # of float32 the filter itself clips nothing
    # Half a level of rounding, and that of float32 in some thirty operations.
    assert np.abs(out - exact).max() <= (0 if dtype == np.float32 else 0.5) + 5e-6 * full


def test_tiles_leave_no_seams(rng):
    # 96 rows and 128 columns are a tile
    image = rng.integers(0, 256, (101, 150, 3), np.uint8)
    exact = np.clip(by_the_formula(image, 40, 2), 0, 255)
    assert np.abs(wavelet(image, 40, 2) - exact).max() < 0.502  # as above


def test_without_noise_nothing_changes(rng):
    image = rng.integers(0, 256, (37, 53, 3), np.uint8)
    np.testing.assert_array_equal(wavelet(image, 0), image)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((-1,), "sigma must be 0 or more, got -1"),
        ((9, 0), "levels must be 1 to 5, got 0"),
        ((9, 6), "levels must be 1 to 5, got 6"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(args, said):
    with pytest.raises(ValueError, match=said):
        wavelet(np.zeros((4, 4, 3), np.uint8), *args)
