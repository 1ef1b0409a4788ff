"""The samples that are worked on at this instant, and for how long."""

import threading
import time

from numba.core.compiler_lock import global_compiler_lock

from pixelmill.hands import Hands


def taken(hands, key, go):
    """A thread that holds the sample until `go` is called."""
    ready, over = threading.Event(), threading.Event()

    def work():
        hands.take(key)
        ready.set()
        go(over)
        hands.free()

    thread = threading.Thread(target=work)
    thread.start()
    ready.wait(10)
    return thread, over


def test_the_sample_that_is_worked_on_for_the_longest_time_is_named():
    hands = Hands()
    first, over = taken(hands, "first", lambda over: over.wait(10))
    time.sleep(0.05)
    second, over_too = taken(hands, "second", lambda over: over.wait(10))
    key, seconds = hands.longest()
    assert key == "first"
    assert seconds >= 0.05
    over.set()
    over_too.set()
    first.join()
    second.join()
    assert hands.longest() == ("", 0.0)


def test_one_that_waits_for_memory_is_not_worked_on():
    hands = Hands()
    hands.wait("a")
    assert hands.longest() == ("", 0.0)


def test_compiling_a_kernel_is_no_work_on_the_sample_that_needs_it_first():
    """Neither while it goes on nor once it is done; waiting for who compiles is none, either."""
    compiles = threading.Event()

    def compile(over):
        with global_compiler_lock:
            compiles.set()
            time.sleep(0.5)
        over.wait(10)

    hands = Hands()
    thread, over = taken(hands, "compiles", compile)
    compiles.wait(10)
    time.sleep(0.3)
    assert hands.longest()[1] < 0.25
    with global_compiler_lock:
        assert hands.longest()[1] < 0.25
    time.sleep(0.3)
    assert hands.longest()[1] >= 0.3
    over.set()
    thread.join()
