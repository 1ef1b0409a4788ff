import contextlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels import rle

shapes = st.tuples(st.integers(1, 40), st.integers(1, 40), st.integers(0, 999))
some = settings(max_examples=80, deadline=None, derandomize=True)
SQUARE = np.zeros((5, 4), np.uint8)
SQUARE[1:4, 1:3] = 1


def mask_of(height, width, seed):
    """Blobs, stripes and noise, full and empty ones among them."""
    rng = np.random.default_rng(seed)
    coarse = rng.random((height // 4 + 1, width // 4 + 1)) < rng.choice([0, 0.2, 0.5, 1])
    mask = np.kron(coarse, np.ones((4, 4)))[:height, :width] > 0
    return (mask ^ (rng.random((height, width)) < rng.choice([0, 0.05]))).astype(np.uint8)


def runs_of(mask):
    """The definition: lengths of equal neighbours down the columns, beginning with zeros."""
    counts, inside = [0], 0
    for pixel in mask.T.reshape(-1):
        if pixel != inside:
            counts.append(0)
            inside = pixel
        counts[-1] += 1
    return counts


@some
@given(shapes)
def test_runs_are_those_of_the_definition_and_decode_to_the_mask(shape):
    mask = mask_of(*shape)
    counts = rle.encode(mask)
    assert counts.tolist() == runs_of(mask)
    np.testing.assert_array_equal(rle.decode(counts, mask.shape), mask)
    np.testing.assert_array_equal(rle.encode(np.asfortranarray(mask * 7)), counts)


# What pycocotools 2.0.11 gives
@pytest.mark.parametrize(
    ("mask", "text"),
    [(SQUARE, b"63204"), (np.ones((5, 4)), b"0d0"), (np.zeros((5, 4)), b"d0")],
    ids=["square", "ones", "zeros"],
)
def test_texts_are_those_of_pycocotools(mask, text):
    counts = rle.encode(mask.astype(np.uint8))
    assert rle.to_text(counts) == text
    np.testing.assert_array_equal(rle.from_text(text), counts)


@some
@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=30))
def test_any_counts_survive_their_text(counts):
    counts = np.array(counts, np.uint32)
    text = rle.to_text(counts)
    assert all(48 <= character <= 111 for character in text)
    np.testing.assert_array_equal(rle.from_text(text), counts)


@some
@given(st.binary(max_size=30))
def test_a_text_is_read_or_refused(text):
    with contextlib.suppress(ValueError):
        counts = rle.from_text(text)
        np.testing.assert_array_equal(rle.from_text(rle.to_text(counts)), counts)


@some
@given(shapes)
def test_area_and_box_are_those_of_the_mask(shape):
    mask = mask_of(*shape)
    counts = rle.encode(mask)
    assert rle.area(counts) == mask.sum()
    ys, xs = np.nonzero(mask)
    expected = (0, 0, 0, 0)
    if len(xs):
        expected = (xs.min(), ys.min(), np.ptp(xs) + 1, np.ptp(ys) + 1)
    assert rle.box(counts, mask.shape) == expected


@some
@given(shapes, st.integers(1, 50), st.integers(1, 50), st.booleans())
def test_picking_in_the_runs_is_picking_in_the_mask(shape, tall, wide, falling):
    mask = mask_of(*shape)
    rng = np.random.default_rng(shape[2])
    rows = np.sort(rng.integers(0, shape[0], tall)).astype(np.int32)
    rows[: rng.integers(0, 3)] = -1
    rows[tall - rng.integers(0, 3) :] = -1
    rows = np.ascontiguousarray(rows[::-1]) if falling else rows
    columns = rng.integers(-1, shape[1], wide).astype(np.int32)
    picked = np.pad(mask, ((0, 1), (0, 1)))[rows][:, columns]  # -1 is the row of zeros
    found = rle.pick(rle.encode(mask), mask.shape, rows, columns)
    np.testing.assert_array_equal(found, rle.encode(picked))


@some
@given(shapes, st.integers(0, 99))
def test_a_union_is_that_of_the_masks(shape, seed):
    one, other = mask_of(*shape), mask_of(*shape[:2], seed)
    found = rle.union(rle.encode(one), rle.encode(other))
    np.testing.assert_array_equal(found, rle.encode(one | other))


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: rle.decode(np.array([3], np.uint32), (2, 2)), "sum to 3, and a mask of 2 x 2"),
        (lambda: rle.from_text(b"0d"), "at character 2"),
        (lambda: rle.from_text(b"0 0"), "at character 1"),
        (lambda: rle.encode(np.zeros(3, np.uint8)), r"shape \(height, width\), got \(3,\)"),
        (lambda: rle.union(np.array([3], np.uint32), np.array([4], np.uint32)), "sums must agree"),
        (
            lambda: rle.pick(rle.encode(SQUARE), (5, 4), np.array([0, 2, 1], np.int32),
                             np.zeros(1, np.int32)),
            "never fall, or never rise",
        ),
        (
            lambda: rle.pick(rle.encode(SQUARE), (5, 4), np.array([0, -1, 1], np.int32),
                             np.zeros(1, np.int32)),
            "at the ends only",
        ),
        (
            lambda: rle.pick(rle.encode(SQUARE), (5, 4), np.array([5], np.int32),
                             np.zeros(1, np.int32)),
            "rows must be -1 to 4",
        ),
    ],
    ids=["size", "cut", "character", "axes", "two sizes", "order", "hole", "beyond"],
)  # fmt: skip
def test_a_wrong_argument_is_named_with_what_was_expected(ask, words):
    with pytest.raises(ValueError, match=words):
        ask()
