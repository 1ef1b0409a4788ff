"""Threads that are waited for, unless one hangs."""

import subprocess
import sys
import threading
from concurrent.futures import wait

import pytest

from pixelmill.lanes import Lanes, both

HANGS = """
import threading, time
from pixelmill.lanes import Lanes
lanes, began = Lanes(2, "lane"), threading.Event()
lanes.submit(lambda: (began.set(), time.sleep(600)))
began.wait()
lanes.close(wait=False)
"""


def test_a_process_ends_though_a_lane_hangs():
    subprocess.run([sys.executable, "-c", HANGS], timeout=60, check=True)


def test_what_a_lane_raises_is_raised_where_it_is_waited_for():
    lanes = Lanes(1, "lane")
    failed, fine = lanes.submit(int, "x"), lanes.submit(int, "7")
    with pytest.raises(ValueError, match="'x'"):
        failed.result(10)
    assert fine.result(10) == 7
    lanes.close()


def test_both_are_asked_at_once_and_the_first_error_is_told():
    meet = threading.Barrier(2)

    def after(answer):
        meet.wait(10)
        if isinstance(answer, Exception):
            raise answer
        return answer

    assert both(lambda: after(1), lambda: after(2)) == (1, 2)
    with pytest.raises(KeyError):
        both(lambda: after(KeyError()), lambda: after(ValueError()))
    with pytest.raises(ValueError, match="second"):
        both(lambda: after(1), lambda: after(ValueError("second")))


def test_what_has_not_begun_is_cancelled():
    lanes, go = Lanes(1, "lane"), threading.Event()
    first, second = lanes.submit(go.wait, 10), lanes.submit(go.wait, 10)
    while not first.running():
        pass
    lanes.close(wait=False)
    go.set()
    assert first.result(10)
    assert second.cancelled()
    assert wait([second], timeout=0).done == {second}
