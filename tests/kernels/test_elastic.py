import numpy as np
import pytest
from scipy import ndimage

from pixelmill_kernels.elastic import _gaussian, _noise, elastic_field
from pixelmill_kernels.rng import _philox


def noise(size, seed):
    dx, dy = np.empty((2, *size), np.float32)
    _noise(np.uint64(seed), dx, dy)
    return dx, dy


def test_the_fields_are_blurred_noise(rng):
    for size in ((1, 1), (1, 30), (30, 1), (40, 57)):
        for sigma in (0.3, 1.7, 6.0):
            expected = [
                7 * ndimage.gaussian_filter(part.astype(float), sigma, mode="mirror", truncate=4.0)
                for part in noise(size, 99)
            ]
            if min(size) > 1:  # SciPy's mirror of one pixel is itself too, but it cuts at 4.5 sigma
                # 5e-5 of 7: where SciPy ends its Gaussian half a pixel later or earlier
                np.testing.assert_allclose(elastic_field(size, 7, sigma, 99), expected, atol=4e-4)


def test_a_gaussian_is_the_formulas():
    for sigma in (0.01, 0.5, 3.0, 40.0):
        weights = _gaussian(sigma)
        x = np.arange(-weights.size + 1, weights.size)
        expected = np.exp(-0.5 * (x / sigma) ** 2)
        expected /= expected.sum()
        # 1e-7: half a unit in the last place of a float32 weight up to 1
        np.testing.assert_allclose(weights, expected[weights.size - 1 :], atol=1e-7)


def test_shifts_are_as_strong_as_promised_and_independent():
    for alpha, sigma in ((50, 5), (100, 12)):
        dx, dy = elastic_field((400, 400), alpha, sigma, 3)
        # A Gaussian leaves one free draw in each square of 2 sqrt(pi) sigma pixels.
        patches = 400 / (2 * np.pi**0.5 * sigma)
        for part in (dx, dy):
            # four standard errors
            assert part.std() == pytest.approx(0.163 * alpha / sigma, rel=4 / 2**0.5 / patches)
        assert abs(np.corrcoef(dx.ravel(), dy.ravel())[0, 1]) < 4 / patches


def test_noise_is_uniform_and_independent():
    dx, dy = (part.astype(float).ravel() for part in noise((300, 300), 5))
    for part in (dx, dy):
        # five standard errors of 90,000 draws: 0.577 / 300 of the mean, 0.298 / 300 of the square
        assert abs(part.mean()) < 5 * 0.577 / 300
        assert abs((part**2).mean() - 1 / 3) < 5 * 0.298 / 300
        assert part.min() >= -1
        assert part.max() < 1
    for one, other in ((dx, dy), (dx[1:], dx[:-1]), (dx[300:], dx[:-300])):
        assert abs(np.corrcoef(one, other)[0, 1]) < 5 / 300


def test_a_draw_is_a_function_of_seed_row_and_column():
    large, small = noise((40, 50), 7), noise((13, 17), 7)
    for one, other in zip(large, small, strict=True):
        np.testing.assert_array_equal(one[:13, :17], other)
    word = _philox.py_func(np.uint64(11), np.uint64(5), np.uint64(0), np.uint64(7))[0]
    assert small[0][5, 11] == (int(word) >> 8) * 2.0**-23 - 1
    assert (noise((13, 17), 8)[0] != small[0]).all()
    assert (noise((13, 17), 7 + 2**32)[0] != small[0]).all()  # the upper half of the seed counts
    np.testing.assert_array_equal(
        elastic_field((20, 20), 9, 3, 2**64 - 1), elastic_field((20, 20), 9, 3, 2**64 - 1)
    )


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (((0, 4), 1, 1, 0), "size .* must be 1 x 1 or more"),
        (((4, 4), 1, 0, 0), "sigma must be above 0"),
        (((4, 4), np.inf, 1, 0), "alpha must be finite"),
        (((4, 4), 1, 1, -1), "seed must be 0 to 2\\*\\*64 - 1"),
        (((4, 4), 1, 1, 2**64), "seed must be 0 to 2\\*\\*64 - 1"),
    ],
)
def test_a_wrong_option_is_named(options, words):
    with pytest.raises(ValueError, match=words):
        elastic_field(*options)
