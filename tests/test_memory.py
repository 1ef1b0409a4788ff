import threading
import time

from pixelmill.memory import PixelBudget


def test_no_more_is_lent_than_there_is():
    budget, most, now, lock = PixelBudget(100), 0, 0, threading.Lock()

    def borrow(wanted):
        nonlocal most, now
        with budget.lent(wanted):
            with lock:
                now += wanted
                most = max(most, now)
            time.sleep(0.002)
            with lock:
                now -= wanted

    threads = [threading.Thread(target=borrow, args=(30 + n % 5,)) for n in range(30)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
        assert not thread.is_alive()
    assert 60 <= most <= 100


def test_a_giant_takes_all_of_it_alone():
    budget = PixelBudget(100)
    with budget.lent(10**9):
        waiter = threading.Thread(target=lambda: budget.lent(1).__enter__(), daemon=True)
        waiter.start()
        waiter.join(0.05)
        assert waiter.is_alive()
    waiter.join(5)
    assert not waiter.is_alive()


def test_what_raises_gives_back_what_it_had():
    budget = PixelBudget(10)
    for _ in range(3):
        try:
            with budget.lent(10):
                raise ValueError
        except ValueError:
            continue
    with budget.lent(10):
        pass
