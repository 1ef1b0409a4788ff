import itertools
import threading

import pytest

from pixelmill.storage.ahead import ahead


def test_pieces_come_in_order():
    assert list(ahead(iter(range(100)), threading.Event())) == list(range(100))


def test_no_more_than_two_wait():
    made = []

    def numbers():
        for number in itertools.count():
            made.append(number)
            yield number

    pieces = ahead(numbers(), threading.Event())
    assert [next(pieces) for _ in range(10)] == list(range(10))
    assert len(made) <= 10 + 2 + 1  # two wait, one is held by the thread
    pieces.close()


@pytest.mark.timeout(5)
def test_closing_stops_a_source_without_end():
    closed = threading.Event()

    def numbers():
        try:
            yield from itertools.count()
        finally:
            closed.set()

    pieces = ahead(numbers(), threading.Event())
    next(pieces)
    pieces.close()
    assert closed.is_set()


@pytest.mark.timeout(5)
def test_closing_cuts_a_wait_short():
    stop = threading.Event()

    def waits():
        yield 1
        stop.wait(60)

    pieces = ahead(waits(), stop)
    assert next(pieces) == 1
    pieces.close()


def test_an_error_comes_after_the_pieces_before_it():
    def fails():
        yield 1
        raise OSError("gone")

    pieces = ahead(fails(), threading.Event())
    assert next(pieces) == 1
    with pytest.raises(OSError, match="gone"):
        next(pieces)
