import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from pixelmill_kernels.poisson import MOST_PHOTONS, _table, poisson

KEY = 424242


def distribution(made, level):
    """The probability of each count that a table holds for a level."""
    cells = made.cells[made.begins[level] : made.begins[level + 1]].astype(object)
    shares = np.zeros(int(made.least[level]) + len(cells))
    for n, cell in enumerate(cells):
        own = (cell >> 32) / 2**32
        shares[int(made.least[level]) + n] += own / len(cells)
        shares[cell & (2**32 - 1)] += (1 - own) / len(cells)
    return shares


@pytest.mark.parametrize("photons", [1, 30, 255, 5000])
def test_a_table_holds_poissons_distribution(photons):
    made = _table(photons / 255, 1)
    for level in (0, 1, 2, 17, 128, 255):
        shares = distribution(made, level)
        exact = stats.poisson.pmf(np.arange(len(shares)), level * photons / 255)
        # 2**-32 for each cell, and what is left out of the tails
        np.testing.assert_allclose(shares, exact, atol=3e-9)


def assert_poisson(counts, mean):
    values = np.arange(int(mean - 8 * mean**0.5) - 9, int(mean + 8 * mean**0.5) + 9)
    expected = stats.poisson.pmf(values, mean) * counts.size
    usual = expected > 20  # chi-squared wants enough in each cell
    found = np.array([np.count_nonzero(counts == value) for value in values[usual]])
    found = np.append(found, counts.size - found.sum())
    expected = np.append(expected[usual], counts.size - expected[usual].sum())
    assert stats.chisquare(found, expected).pvalue > 0.01


@pytest.mark.parametrize("level", [1, 5, 100, 190])
def test_counts_of_8_bits_are_poissons(level):
    # one photon a level: what is returned is the count itself
    counts = poisson(np.full((700, 700, 1), level, np.uint8), 255, KEY).ravel()
    assert_poisson(counts, level)


@pytest.mark.parametrize("level", [3, 700, 30_000])
def test_counts_of_16_bits_are_poissons_though_drawn_as_two(level):
    photons = 257.0
    noisy = poisson(np.full((700, 700, 1), level, np.uint16), photons, KEY).ravel()
    counts = np.rint(noisy * (photons / 65535)).astype(int)
    assert_poisson(counts, level * photons / 65535)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16], ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("photons", [40, 3000, MOST_PHOTONS])
def test_mean_and_spread_are_those_of_light(dtype, photons):
    full = np.iinfo(dtype).max
    noisy = poisson(np.full((500, 500, 3), full // 3, dtype), photons, KEY).astype(float)
    mean = full // 3 * photons / full
    counts = np.arange(int(mean + 10 * mean**0.5))
    shares, levels = stats.poisson.pmf(counts, mean), np.floor(counts * full / photons + 0.5)
    expected = (shares * levels).sum()
    spread = (shares * (levels - expected) ** 2).sum() ** 0.5
    # 3.5 standard errors of 750,000 counts
    assert noisy.mean() == pytest.approx(expected, abs=3.5 * spread / 866)
    assert noisy.std() == pytest.approx(spread, rel=3.5 / 1224)


def test_black_stays_black_and_alpha_stays(rng):
    image = rng.integers(0, 256, (40, 50, 4), np.uint8)
    image[:20, :, :3] = 0
    noisy = poisson(image, 50, KEY)
    assert (noisy[:20, :, :3] == 0).all()
    np.testing.assert_array_equal(noisy[..., 3], image[..., 3])


def test_neighbours_channels_and_keys_are_counted_apart():
    image = np.full((500, 500, 3), 120, np.uint8)
    noisy, other = (poisson(image, 100, key).astype(float) for key in (KEY, KEY + 1))
    pairs = [(noisy, other), (noisy[1:], noisy[:-1]), (noisy[:, 1:], noisy[:, :-1])]
    pairs += [(noisy[..., a], noisy[..., b]) for a, b in ((0, 1), (1, 2))]
    for left, right in pairs:
        # 4 standard errors of 250,000 pairs
        assert abs(np.corrcoef(left.ravel(), right.ravel())[0, 1]) < 4 / 500


@settings(max_examples=25, deadline=None)
@given(
    channels=st.sampled_from([1, 3, 4]),
    dtype=st.sampled_from([np.uint8, np.uint16]),
    photons=st.floats(1, 2000),
    part=st.tuples(*[st.integers(0, 25)] * 2, *[st.integers(1, 14)] * 2),
)
def test_a_part_gets_the_noise_of_the_whole(channels, dtype, photons, part):
    image = np.random.default_rng(1).integers(0, 256, (39, 39, channels)).astype(dtype)
    top, left, height, width = part
    place = np.s_[top : top + height, left : left + width]
    whole = poisson(image, photons, KEY)
    cut = poisson(np.ascontiguousarray(image[place]), photons, KEY, at=(top, left))
    np.testing.assert_array_equal(cut, whole[place])


@pytest.mark.parametrize("photons", [0.5, MOST_PHOTONS * 2, float("nan")])
def test_too_few_and_too_many_photons_are_refused(photons):
    with pytest.raises(ValueError, match="photons must be 1 to 100000, got"):
        poisson(np.zeros((4, 4, 3), np.uint8), photons, KEY)
