import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import njit
from scipy import stats

from pixelmill_kernels import rng as r

MANY = (1000, 1000)


@njit
def words_of(counter, key):
    return r._rounds(counter[0], counter[1], counter[2], counter[3], key[0], key[1])


# kat_vectors of Random123, philox4x32 10: counter, key, words.
@pytest.mark.parametrize(
    ("counter", "key", "words"),
    [
        ((0,) * 4, (0,) * 2, (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)),
        ((2**32 - 1,) * 4, (2**32 - 1,) * 2, (0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD)),
        (
            (0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344),
            (0xA4093822, 0x299F31D0),
            (0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1),
        ),
    ],
)
def test_the_words_are_those_that_its_authors_published(counter, key, words):
    assert words_of(np.array(counter, np.uint32), np.array(key, np.uint32)) == words


def by_the_paper(counter, key):
    """Philox4x32-10 in Python's own integers."""
    a, b, c, d = counter
    low, high = key % 2**32, key >> 32
    for _ in range(10):
        p, q = a * 0xD2511F53, c * 0xCD9E8D57
        a, b, c, d = (q >> 32) ^ b ^ low, q % 2**32, (p >> 32) ^ d ^ high, p % 2**32
        low, high = (low + 0x9E3779B9) % 2**32, (high + 0xBB67AE85) % 2**32
    return a, b, c, d


def test_each_place_has_the_word_that_the_layout_says(rng):
    key = 0xFEDCBA9876543210
    drawn = r.bits(key, (3, 500), at=(7, 1000))
    for y, x in ((0, 0), (1, 63), (2, 499), (0, 24), (1, 333)):
        block, place = divmod(1000 + x, r.BLOCK)
        counter = (block * 16 + place % 16, 7 + y, 0, 0)
        assert drawn[y, x] == by_the_paper(counter, key)[place // 16]


@settings(max_examples=40, deadline=None)
@given(
    key=st.integers(0, 2**64 - 1),
    top=st.integers(0, 90),
    left=st.integers(0, 90),
    height=st.integers(1, 9),
    width=st.integers(1, 90),
)
@pytest.mark.parametrize("draw", [r.bits, r.uniform, r.normal], ids=lambda draw: draw.__name__)
def test_a_part_is_what_the_whole_has_there(draw, key, top, left, height, width):
    whole = draw(key, (100, 180))
    part = draw(key, (height, width), at=(top, left))
    np.testing.assert_array_equal(part, whole[top : top + height, left : left + width])


def test_uniform_numbers_are_the_upper_bits():
    expected = (r.bits(3, (50, 70)) >> 8).astype(np.float64) / 2**24
    np.testing.assert_array_equal(r.uniform(3, (50, 70)), expected)


def test_normal_numbers_are_those_of_box_and_muller():
    words = r.bits(11, (64, 640)).reshape(64, 10, 2, 2, 16)
    share = ((words[..., 0, :] >> 1) + 0.5) / 2**31
    turn = np.pi / 2 * words[..., 1, :].astype(np.int32) / 2**31
    side = np.where(words[..., 1, :] & 1, 1, -1)
    distance = np.sqrt(-2 * np.log(share))
    pair = np.stack([side * distance * np.cos(turn), distance * np.sin(turn)], axis=3)
    # 1e-6: a few float32 roundings of numbers up to 5; their arguments are float32, too
    np.testing.assert_allclose(r.normal(11, (64, 640)), pair.reshape(64, 640), atol=1e-6)


def test_uniform_numbers_are_uniform():
    drawn = r.uniform(1, MANY).ravel()
    assert stats.kstest(drawn, "uniform").pvalue > 0.01
    assert (drawn.min(), drawn.max()) == pytest.approx((0, 1), abs=1e-5)


def test_every_bit_is_set_half_of_the_time():
    words = r.bits(2, MANY)
    shares = [(words >> bit & 1).mean() for bit in range(32)]
    # 4.5 standard deviations of a share of 10^6 coins
    assert np.abs(np.array(shares) - 0.5).max() < 4.5 * 0.5e-3


def test_normal_numbers_are_normal():
    drawn = r.normal(4, MANY).ravel().astype(float)
    count = drawn.size
    assert stats.kstest(drawn, "norm").pvalue > 0.01
    # within 3 standard errors: 1, 1/2, 6 and 24 over the count
    assert abs(drawn.mean()) < 3 * (1 / count) ** 0.5
    assert abs(drawn.std() - 1) < 3 * (0.5 / count) ** 0.5
    assert abs(stats.skew(drawn)) < 3 * (6 / count) ** 0.5
    assert abs(stats.kurtosis(drawn)) < 3 * (24 / count) ** 0.5


def test_the_tails_are_as_heavy_as_they_should_be():
    drawn = np.abs(r.normal(5, (4000, 1000)))
    for limit in (2, 3, 4, 4.5, 5):
        expected = drawn.size * 2 * stats.norm.sf(limit)
        found = np.count_nonzero(drawn > limit)
        assert stats.poisson.cdf(found, expected) > 0.005
        assert stats.poisson.sf(found - 1, expected) > 0.005


@pytest.mark.parametrize("key", [0, 6, 2**63])
def test_neighbours_and_keys_have_nothing_to_do_with_each_other(key):
    here = r.normal(key, MANY).astype(float)
    others = {
        "right": (here[:, :-1], here[:, 1:]),
        "below": (here[:-1], here[1:]),
        "16 on, the next word of a counter": (here[:, :-16], here[:, 16:]),
        "64 on, the next block": (here[:, :-64], here[:, 64:]),
        "next key": (here, r.normal(key + 1, MANY).astype(float)),
        "key of the other half": (here, r.normal(key ^ 2**32, MANY).astype(float)),
    }
    for name, (left, right) in others.items():
        # 4 standard errors of a correlation: 1 / sqrt(count)
        for power in (1, 2):
            pair = left.ravel() ** power, right.ravel() ** power
            assert abs(np.corrcoef(*pair)[0, 1]) < 4e-3, name


def test_runs_are_as_long_as_those_of_a_coin():
    up = r.normal(8, MANY).ravel() > 0
    runs = 1 + np.count_nonzero(up[1:] != up[:-1])
    # Wald and Wolfowitz: count / 2 runs, with variance count / 4
    assert abs(runs - up.size / 2) < 3 * (up.size / 4) ** 0.5


@pytest.mark.parametrize("key", [-1, 2**64])
def test_a_key_of_more_than_64_bits_is_refused(key):
    with pytest.raises(ValueError, match=r"key must be 0 to 2\*\*64 - 1, got"):
        r.bits(key, (2, 2))


def test_a_place_outside_is_refused():
    with pytest.raises(ValueError, match=r"at \(top, left\) must be 0 to"):
        r.normal(1, (2, 2), at=(-1, 0))


def test_writes_into_out_and_returns_it():
    out = np.empty((3, 5), np.float32)
    assert r.normal(1, (3, 5), out=out) is out
    np.testing.assert_array_equal(out, r.normal(1, (3, 5)))
    with pytest.raises(ValueError, match="out must be a C-contiguous, writeable uint32"):
        r.bits(1, (3, 5), out=out)


def test_other_kernels_can_draw_from_within():
    @njit
    def sums(key, height, width):
        row, total = np.empty(r.BLOCK, np.float32), np.zeros(height)
        for y in range(height):
            r._draw_normals(key, 0, y, 0, row)
            total[y] = row[:width].sum()
        return total

    # 1e-4: float32 sums of 50 numbers, in another order
    np.testing.assert_allclose(
        sums(r._key_of(9), 4, 50), r.normal(9, (4, 50)).sum(axis=1), atol=1e-4
    )
