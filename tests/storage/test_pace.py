"""How fast a storage is asked, once it has said that it is too much."""

import threading

import pytest

from pixelmill.storage.pace import Pace, pace_of


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now

    def wait(self, seconds):
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


def asked(pace, clock, count, apart=0.0):
    """Ask so often; returns the seconds that it took."""
    start = clock.now
    for _ in range(count):
        pace.admit(clock.wait)
        clock.wait(apart)
    return clock.now - start


def test_nothing_waits_before_the_first_refusal(clock):
    pace = Pace(clock)
    assert asked(pace, clock, 10_000) == 0
    assert pace.rate is None


def test_a_refusal_halves_what_was_really_asked(clock):
    pace = Pace(clock)
    asked(pace, clock, 200, apart=0.01)  # a hundred a second
    pace.slow_down()
    assert pace.rate == pytest.approx(50, rel=0.02)  # a request more or less in the window
    assert asked(pace, clock, 50) == pytest.approx(1, rel=0.1)  # it grows meanwhile, by five


def test_refusals_of_one_moment_count_as_one(clock):
    pace = Pace(clock)
    asked(pace, clock, 200, apart=0.01)
    for _ in range(30):
        pace.slow_down()
        clock.wait(0.01)
    assert pace.cuts == 1


def test_it_recovers_slowly_and_then_forgets(clock):
    pace = Pace(clock)
    asked(pace, clock, 200, apart=0.01)
    pace.slow_down()
    clock.wait(10)
    assert pace.rate == pytest.approx(100, rel=0.02)
    clock.wait(19)
    assert pace.rate is not None
    clock.wait(2)
    assert pace.rate is None


def test_it_never_stops_asking(clock):
    pace = Pace(clock)
    for _ in range(50):
        pace.admit(clock.wait)
        pace.slow_down()
        clock.wait(1.1)
    assert pace.rate >= 2


def test_two_workers_that_know_nothing_of_each_other_come_to_equal_shares(clock):
    """A store that takes a hundred a second; one worker begins with it all."""
    fast, slow = Pace(clock), Pace(clock)
    shares = {fast: [90.0], slow: [20.0]}
    for pace, (rate,) in shares.items():
        pace._rate = pace._before = rate
        pace._since = clock.now
    for _ in range(600):
        clock.wait(0.25)
        rates = {pace: pace.rate or 200.0 for pace in shares}
        if sum(rates.values()) > 100:
            for pace, rate in rates.items():
                pace._asked.extend([clock.now - 1e-6 * n for n in range(int(2 * rate))][::-1])
                pace.slow_down()
        for pace, rate in rates.items():
            shares[pace].append(rate)
    means = [sum(rates[-200:]) / 200 for rates in shares.values()]
    assert max(means) / min(means) < 2  # 4.5 at the start


def test_threads_share_one_pace_for_each_bucket():
    assert pace_of("s3://one/a") is pace_of("s3://one/b/c")
    assert pace_of("s3://one/a") is not pace_of("s3://two/a")
    assert pace_of("https://host/a?x") is pace_of("http://host/b")
    pace = pace_of("s3://many/x")
    threads = [
        threading.Thread(target=lambda: [pace.admit() for _ in range(100)]) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pace._asked) == 800
