"""The oracle asks every pixel; `_clipping` asks only where a row enters the image and leaves it."""

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from pixelmill_kernels._clipping import MARGIN, _blocks, _known
from pixelmill_kernels._locating import AFFINE, PLACES, PROJECTIVE

numbers = st.floats(-2, 2).filter(lambda number: abs(number) > 1e-6) | st.just(0.0)


def places(m, rows, width):
    v, u = np.mgrid[:rows, :width] + 0.5
    with np.errstate(divide="ignore", invalid="ignore"):
        depth = m[6] * u + m[7] * v + m[8]
        return (m[0] * u + m[1] * v + m[2]) / depth, (m[3] * u + m[4] * v + m[5]) / depth


def within(x, y, size, margin):
    with np.errstate(invalid="ignore"):
        return (x >= margin) & (y >= margin) & (x <= size[1] - margin) & (y <= size[0] - margin)


def held(rows, width, found):
    columns = np.arange(width)
    return (columns >= found[:, :1]) & (columns < found[:, 1:])


def expect_sides_kept(kind, m, rows, width, source):
    sure, maybe = (held(rows, width, part) for part in _known(kind, m, (rows, width), source))
    x, y = places(m, rows, width)
    # half the margin: what is asked of a pixel there errs by far less
    assert within(x, y, (source[0] - 1, source[1]), MARGIN / 2)[sure].all()
    assert not within(x, y, source, -MARGIN / 2)[~maybe].any()
    return sure, maybe, x, y


@settings(max_examples=200, deadline=None)
@given(
    st.lists(numbers, min_size=4, max_size=4),
    st.tuples(st.floats(-60, 60), st.floats(-60, 60)),
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
)
def test_what_is_sure_is_inside_and_nothing_inside_is_left_out(linear, shift, size):
    a, b, d, e = linear
    m = (a, b, shift[0], d, e, shift[1], 0.0, 0.0, 1.0)
    sure, maybe, x, y = expect_sides_kept(AFFINE, m, 9, 70, (*size, 3))
    # and no more is asked than must be
    assert sure[within(x, y, (size[0] - 1, size[1]), 2 * MARGIN)].all()
    assert within(x, y, size, -2 * MARGIN)[maybe].all()


@settings(max_examples=200, deadline=None)
@given(
    st.lists(numbers, min_size=6, max_size=6),
    st.tuples(st.floats(-60, 60), st.floats(-60, 60)),
    st.tuples(st.integers(1, 60), st.integers(1, 60)),
    st.sampled_from([1.0, -1.0, 1e-9, 1e9]),
)
def test_beyond_a_horizon_nothing_is_taken_for_sure_that_is_not(linear, shift, size, scale):
    a, b, d, e, g, h = linear
    assume(g or h)
    m = (a, b, shift[0], d, e, shift[1], g / 20, h / 20, 1.0)
    expect_sides_kept(PROJECTIVE, tuple(scale * n for n in m), 9, 70, (*size, 3))


def test_a_tilted_image_is_sure_but_for_its_rim():
    m = (0.9, 0.1, 2.0, -0.1, 0.9, 9.0, 1e-4, 2e-4, 1.0)
    sure, maybe, x, y = expect_sides_kept(PROJECTIVE, m, 80, 100, (100, 120, 3))
    assert sure[within(x, y, (99, 120), 2 * MARGIN)].all()
    assert within(x, y, (100, 120), -2 * MARGIN)[maybe].all()
    assert sure.mean() > 0.7


@pytest.mark.parametrize(
    ("kind", "m", "source"),
    [
        (PLACES, (1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0), (50, 80, 3)),  # fields are not known
        (AFFINE, (9.0, 0, 0, 0, 0.1, 0, 0, 0, 1.0), (50, 80, 3)),  # steps beyond 32 bits
        (AFFINE, (1.0, 0, 0, 0, 1.0, 0, 0, 0, 1.0), (2**15, 2**15, 3)),  # flat places beyond them
    ],
)
def test_nothing_is_sure_where_32_bits_are_too_few(kind, m, source):
    m = tuple(map(float, m))
    sure, maybe = (held(4, 70, part) for part in _known(kind, m, (4, 70), source))
    assert not sure.any()
    assert maybe[:, :8].all()


@pytest.mark.parametrize("last", [0, 16, 17, 31, 240])
def test_blocks_hold_nothing_but_what_is_sure(last):
    for first in range(-3, last + 20):
        for after in range(first, last + 40):
            low, high = _blocks(first, after, last)
            for i in range(0, last + 16, 16):
                begin = min(i, last)
                assert (low <= i < high) == (first <= begin and begin + 16 <= after)
