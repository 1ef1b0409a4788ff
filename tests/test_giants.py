"""A giant at a time, whatever the threads and processes."""

import subprocess
import sys
import threading
import time

from pixelmill.giants import WideLane
from pixelmill.memory import PixelBudget

HOLDS = """
import sys, time
from pixelmill.giants import WideLane
with WideLane(10, sys.argv[1]).for_(11):
    print("holds", flush=True)
    time.sleep(60)
"""


def test_ordinary_images_pass_by_a_giant(tmp_path):
    lane = WideLane(10, str(tmp_path / "lane"))
    with lane.for_(11), lane.for_(10), lane.for_(1):
        pass


def test_a_giant_waits_for_that_of_another_process_and_no_longer_than_it_lives(tmp_path):
    path = str(tmp_path / "lane")
    with subprocess.Popen([sys.executable, "-c", HOLDS, path], stdout=subprocess.PIPE) as other:
        assert other.stdout.readline()
        budget, got = PixelBudget(100, WideLane(10, path)), threading.Event()

        def giant():
            with budget.lent(1000):
                got.set()

        thread = threading.Thread(target=giant)
        thread.start()
        assert not got.wait(0.5)
        other.kill()
        assert got.wait(20)
        thread.join()


def test_giants_of_many_threads_are_all_done_one_at_a_time(tmp_path):
    """Larger than the whole budget, each: none is refused, none waits for ever."""
    budget = PixelBudget(100, WideLane(10, str(tmp_path / "lane")))
    lock, now, most, done = threading.Lock(), 0, 0, []

    def work(size):
        nonlocal now, most
        with budget.lent(size):
            if size > 100:
                with lock:
                    now += 1
                    most = max(most, now)
                time.sleep(0.01)
                with lock:
                    now -= 1
        done.append(size)

    sizes = [1000, 5, 2000, 20, 60, 3000] * 3
    threads = [threading.Thread(target=work, args=(size,)) for size in sizes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(done) == sorted(sizes)
    assert most == 1
