import gc

import numpy as np
import pytest

from pixelmill.feed.memory import Memory


def address(array):
    return array.__array_interface__["data"][0]


@pytest.fixture
def memory():
    return Memory(2)


def test_memory_is_used_again_once_its_last_view_is_gone(memory):
    first = memory.empty((4, 3), "float32")
    view, before = first[1:].T, address(first)
    del first
    second = memory.empty((4, 3), "float32")
    assert address(second) != before
    view[:] = 7
    second[:] = 0
    assert (view == 7).all()
    del view
    gc.collect()
    assert address(memory.empty((4, 3), "float32")) == before


def test_arrays_begin_on_a_cache_line_and_are_writable(memory):
    array = memory.empty((5, 7), np.uint8)
    assert address(array) % 64 == 0
    assert array.flags.carray
    assert (array.shape, array.dtype) == ((5, 7), np.uint8)


def test_pieces_of_another_size_are_not_kept(memory):
    small = memory.empty((4,), "float32")
    del small
    large = memory.empty((1000,), "float32")
    assert large.shape == (1000,)
    assert not memory._free


def test_no_more_pieces_wait_than_were_asked_for(memory):
    arrays = [memory.empty((4,), "float32") for _ in range(5)]
    del arrays
    assert len(memory._free) == 2
