import numpy as np
import pytest
from numba import njit

from pixelmill_kernels._storing import settle_all
from pixelmill_kernels.simd import lanes_of, load_all, splat_all, turn, turn_back


@njit
def turned(source, like, target):
    """The first columns of a block of rows, one after the other."""
    turn(source, 0, like, target, 0)


@njit
def turned_back(like, source, target, pitch):
    turn_back(like, source, 0, target, 0, pitch)


@pytest.mark.parametrize(("dtype", "rows", "columns"), [(np.int16, 32, 8), (np.float32, 16, 4)])
def test_columns_are_those_of_numpy(dtype, rows, columns):
    like = (dtype(0),) * 2
    source = np.arange(rows * 2 * rows).reshape(rows, 2 * rows).astype(dtype)
    target = np.zeros((columns, rows), dtype)
    turned(source, like, target)
    np.testing.assert_array_equal(target, source[:, :columns].T)


@pytest.mark.parametrize("like", [np.int16, np.float32], ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32], ids=lambda t: t.__name__)
def test_rows_are_those_of_numpy(dtype, like):
    rows, block = 64 // np.dtype(like).itemsize, 16 // np.dtype(dtype).itemsize
    source = np.arange(rows * block).reshape(block, rows).astype(dtype)
    target = np.zeros((rows, block + 3), dtype)
    turned_back(np.empty(0, like), source, target, block + 3)
    np.testing.assert_array_equal(target[:, :block], source.T)
    assert (target[:, block:] == 0).all()


@njit
def settled(source, target, shift):
    like = splat_all((source[0], source[1]))
    settle_all(target, 0, lanes_of(source), load_all(source, 0, like), shift)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16], ids=lambda dtype: dtype.__name__)
def test_floats_are_cut_and_clamped(rng, dtype):
    top = np.iinfo(dtype).max
    source = rng.uniform(-0.4 * top, 1.4 * top, 32).astype(np.float32)
    target = np.zeros(32, dtype)
    settled(source, target, 0)
    np.testing.assert_array_equal(target, np.clip(np.trunc(source), 0, top).astype(dtype))


@pytest.mark.parametrize("shift", [4, 5, 6])
def test_parts_of_a_level_become_levels(shift):
    source = np.linspace(-32768, 32767, 64).astype(np.int16)
    target = np.zeros(64, np.uint8)
    settled(source, target, shift)
    np.testing.assert_array_equal(target, np.clip((source >> shift) + 128, 0, 255))
