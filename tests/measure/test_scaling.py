from math import sqrt

import pytest

from pixelmill.measure.scaling import Law, laws_of, serial_range

COUNTS = (1, 2, 4, 8, 16, 32)


def test_amdahl_is_recovered_from_its_own_points():
    rates = {n: 500 * n / (1 + 0.04 * (n - 1)) for n in COUNTS}
    amdahl, usl = laws_of(rates)
    assert (amdahl.name, usl.name) == ("Amdahl", "USL")
    assert amdahl.one == pytest.approx(500)
    assert amdahl.serial == pytest.approx(0.04)
    assert amdahl.most == pytest.approx(500 / 0.04)
    assert usl.crosstalk == pytest.approx(0, abs=1e-9)


def test_the_usl_is_recovered_from_its_own_points():
    rates = {n: 500 * n / (1 + 0.04 * (n - 1) + 0.002 * n * (n - 1)) for n in COUNTS}
    usl = laws_of(rates)[1]
    assert (usl.one, usl.serial, usl.crosstalk) == pytest.approx((500, 0.04, 0.002))
    assert usl.peak == pytest.approx(sqrt(0.96 / 0.002))
    assert usl.most == pytest.approx(max(usl.at(n) for n in range(1, 100)), rel=1e-3)


def test_noise_of_two_percent_moves_the_usl_little(rng):
    law = Law("USL", 500, 0.04, 0.002)
    noisy = {n: law.at(n) * (1 + rng.normal(0, 0.02)) for n in COUNTS}
    usl = laws_of(noisy)[1]
    # the least squares' own standard deviations here are 0.006 and 0.0003
    assert usl.serial == pytest.approx(0.04, abs=0.025)
    assert usl.crosstalk == pytest.approx(0.002, abs=0.0012)


def test_no_share_is_negative_where_workers_gain_more_than_their_number():
    for law in laws_of({1: 100, 2: 210, 4: 430}):
        assert law.serial == 0
        assert law.crosstalk == 0


def test_workers_that_do_less_together_are_all_serial():
    amdahl = laws_of({1: 100, 2: 60})[0]
    assert amdahl.serial == 1
    assert amdahl.one == pytest.approx(amdahl.at(7))


def test_two_counts_tell_no_usl_and_one_count_tells_nothing():
    assert [law.name for law in laws_of({1: 100, 2: 190})] == ["Amdahl"]
    assert laws_of({1: 100}) == []


def test_the_range_is_that_of_single_rounds():
    low, high = serial_range([{1: 100, 2: 200 / 1.1}, {1: 100, 2: 200 / 1.3}])
    assert (low, high) == pytest.approx((0.1, 0.3))
