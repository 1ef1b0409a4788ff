import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels.diffusion import RATE, diffusion


def by_the_formula(image, edge, steps):
    levels = image.astype(np.float64)
    for _ in range(steps):
        wide = np.pad(levels, ((1, 1), (1, 1), (0, 0)), "edge")
        around = wide[:-2, 1:-1], wide[2:, 1:-1], wide[1:-1, :-2], wide[1:-1, 2:]
        rises = [there - levels for there in around]
        levels = levels + RATE * sum(np.exp(-((rise / edge) ** 2)) * rise for rise in rises)
    return levels


@settings(max_examples=40, deadline=None)
@given(
    dtype=st.sampled_from((np.uint8, np.uint16, np.float32)),
    channels=st.sampled_from((1, 3, 4)),
    size=st.tuples(st.integers(1, 40), st.integers(1, 40)),
    share=st.floats(0.05, 2),
    steps=st.integers(1, 20),
    seed=st.integers(0, 99),
)
def test_is_the_formula_at_borders_too(dtype, channels, size, share, steps, seed):
    full = 1 if dtype == np.float32 else np.iinfo(dtype).max
    image = np.random.default_rng(seed).uniform(0, full, (*size, channels)).astype(dtype)
    error = np.abs(
        diffusion(image, share * full, steps) - by_the_formula(image, share * full, steps)
    )
    # Half a level of rounding; in each step, that of float32 and 4e-6 of what flows.
    assert error.max() <= (0 if dtype == np.float32 else 0.5) + steps * 4e-6 * full


def test_an_edge_stays_and_its_sides_are_smoothed(rng):
    clean = np.full((40, 60, 3), 60.0)
    clean[:, 30:] = 180
    noisy = np.clip(clean + rng.normal(0, 8, clean.shape), 0, 255).astype(np.uint8)
    out = diffusion(noisy, 25, 10)
    assert np.abs(out[:, 29:31] - clean[:, 29:31]).max() < 20
    assert np.std(out - clean) < 0.5 * np.std(noisy - clean)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        ((0,), "edge must be above 0, got 0"),
        ((9, 0), "iterations must be 1 to 1000, got 0"),
    ],
)
def test_numbers_that_make_no_sense_are_refused(args, said):
    with pytest.raises(ValueError, match=said):
        diffusion(np.zeros((4, 4, 3), np.uint8), *args)
