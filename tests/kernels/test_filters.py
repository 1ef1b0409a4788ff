import numpy as np
import pytest

from pixelmill_kernels import filters

CHANGES = [(401, 256), (256, 401), (1, 9), (9, 1), (64, 64), (1000, 7), (31, 30)]


@pytest.mark.parametrize("filter", filters.CODES)
@pytest.mark.parametrize(("n_in", "n_out"), CHANGES)
def test_the_weights_of_every_output_pixel_sum_to_one(n_in, n_out, filter):
    table = filters.table(n_in, n_out, filter)
    # 1e-6: each float32 weight is rounded by at most 6e-8, and few are that large
    np.testing.assert_allclose(table.weights.sum(axis=1, dtype=float), 1, atol=1e-6)
    assert (table.whole.sum(axis=1, dtype=int) == 2**table.bits).all()


@pytest.mark.parametrize("filter", filters.CODES)
@pytest.mark.parametrize(("n_in", "n_out"), CHANGES)
def test_taps_stay_inside_the_source_and_never_go_back(n_in, n_out, filter):
    for antialias in (True, False):
        table = filters.table(n_in, n_out, filter, antialias)
        assert table.weights.shape == table.whole.shape == (n_out, table.taps)
        assert table.taps >= 1
        assert (table.first >= 0).all()
        assert (table.first + table.taps <= n_in).all()
        assert (np.diff(table.first) >= 0).all()


@pytest.mark.parametrize("filter", filters.CODES)
def test_whole_numbers_are_the_weights_to_half_a_unit_a_tap(filter):
    table = filters.table(401, 150, filter)
    # the largest weight takes up what the others were rounded by: half a unit for each of them
    error = np.abs(table.whole - table.weights * 2.0**table.bits).max()
    assert error <= 0.5 * table.taps + 0.01


def test_where_a_weight_is_one_or_more_it_fits_all_the_same():
    table = filters.table(20, 40, "bicubic")
    assert table.weights.max() > 1  # at the border
    assert table.bits == 14
    np.testing.assert_allclose(table.whole / 16384, table.weights, atol=2 * 0.5 / 16384)
    same = filters.table(20, 20, "bicubic")
    assert (same.whole == 2**same.bits).all()


def test_the_sine_is_right_to_the_last_bits():
    x = np.linspace(-3.5, 3.5, 7001)
    got = np.array([filters._sine.py_func(value) for value in x])
    # 1e-15: two units in the last place of values up to 1, and the error of pi * x in NumPy's
    np.testing.assert_allclose(got, np.sin(np.pi * x), atol=1e-15)
    assert [filters._sine(value) for value in x[::100]] == list(got[::100])


def test_a_table_is_made_once_and_cannot_be_changed():
    table = filters.table(123, 45, "bicubic")
    assert filters.table(123, 45, "bicubic") is table
    with pytest.raises(ValueError, match="read-only"):
        table.weights[0, 0] = 1


def test_an_unknown_filter_is_refused_with_the_known_ones():
    with pytest.raises(ValueError, match="one of box, bilinear, hamming, bicubic, lanczos"):
        filters.table(4, 5, "sinc")


def test_many_sizes_are_kept_within_so_many_bytes(monkeypatch):
    kept = filters._Kept()
    monkeypatch.setattr(filters, "_kept", kept)
    monkeypatch.setattr(filters, "MOST_BYTES", 200_000)
    for n_in in (*range(300, 340), *range(300, 340)):
        filters.table(n_in, 200, "bicubic")
        held = sum(t.weights.nbytes + t.whole.nbytes + t.first.nbytes for t in kept.tables.values())
        assert held <= 200_000
    assert len(kept.tables) > 5
