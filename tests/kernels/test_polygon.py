import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels import rle
from pixelmill_kernels.overlap import box_iou
from pixelmill_kernels.polygon import clip, fill, measure


def ring(*flat):
    return np.array(flat, float).reshape(-1, 2)


def starts(*counts):
    return np.cumsum([0, *counts], dtype=np.int64)


def filled(*flat, size=(5, 4)):
    return rle.decode(fill(ring(*flat), size), size)


def star(seed, points=9, radius=40.0, middle=50.0):
    rng = np.random.default_rng(seed)
    angle = np.sort(rng.random(points)) * 2 * np.pi
    far = radius * rng.uniform(0.3, 1, points)
    return middle + np.stack([far * np.cos(angle), far * np.sin(angle)], 1)


# What pycocotools 2.0.11 gives


def test_a_rectangle_covers_the_pixels_whose_centres_are_in_it():
    expected = np.zeros((5, 4))
    expected[1:4, 1:3] = 1
    np.testing.assert_array_equal(filled(1, 1, 3, 1, 3, 4, 1, 4), expected)
    assert rle.to_text(fill(ring(1, 1, 3, 1, 3, 4, 1, 4), (5, 4))) == b"63204"


def test_a_rectangle_between_the_pixels_covers_as_many():
    assert filled(0.5, 0.5, 2.5, 0.5, 2.5, 2.5, 0.5, 2.5).sum() == 4


def test_a_triangle_covers_three_pixels():
    assert filled(0, 0, 3, 0, 0, 3).sum() == 3


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_a_star_covers_the_pixels_whose_centres_are_in_it(seed):
    points = star(seed)
    mask = rle.decode(fill(points, (100, 100)), (100, 100))
    ys, xs = np.mgrid[:100, :100] + 0.5
    inside = np.zeros((100, 100), bool)
    edge = np.full((100, 100), np.inf)
    for (x1, y1), (x2, y2) in zip(points, np.roll(points, -1, 0), strict=True):
        crossed = (y1 > ys) != (y2 > ys)
        with np.errstate(divide="ignore", invalid="ignore"):
            inside ^= crossed & (xs < x1 + (ys - y1) * (x2 - x1) / (y2 - y1))
        along = np.clip(
            ((xs - x1) * (x2 - x1) + (ys - y1) * (y2 - y1)) / ((x2 - x1) ** 2 + (y2 - y1) ** 2),
            0, 1,
        )  # fmt: skip
        edge = np.minimum(edge, np.hypot(xs - x1 - along * (x2 - x1), ys - y1 - along * (y2 - y1)))
    # Corners lie on a grid of a fifth of a pixel: an edge is off by 0.1 + 0.1 at most, and by 0.5
    # of a step again where it is drawn; 0.4 pixel holds them all.
    assert not ((mask != inside) & (edge > 0.4)).any()
    length = np.hypot(*(points - np.roll(points, 1, 0)).T).sum()
    # the border is counted in: up to half a pixel, all around
    assert abs(int(mask.sum()) - measure(points, starts(9))[0][0]) < 0.5 * length


def test_areas_are_the_shoelaces_and_bounds_the_extremes():
    points = np.concatenate([ring(0, 0, 4, 0, 4, 3, 0, 3), ring(7, 1, 9, 1, 8, 4)])
    areas, bounds = measure(points, starts(4, 3, 0))
    assert areas.tolist() == [12, 3, 0]
    assert bounds.tolist()[:2] == [[0, 0, 4, 3], [7, 1, 9, 4]]


def test_a_ring_is_cut_to_the_frame():
    points, ends = clip(ring(-5, 2, 8, 2, 8, 6, -5, 6), starts(4), 5, 4)
    areas, bounds = measure(points, ends)
    assert areas.tolist() == [10]
    assert bounds.tolist() == [[0, 2, 5, 4]]


def test_nothing_is_left_of_a_ring_outside_and_one_inside_stays_as_it_is():
    points = np.concatenate([ring(9, 9, 12, 9, 12, 12), ring(1, 1, 2, 1, 2, 2)])
    cut, ends = clip(points, starts(3, 3), 5, 4)
    assert ends.tolist() == [0, 0, 3]
    np.testing.assert_array_equal(cut, points[3:])


@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(0, 10**6), st.integers(1, 100), st.integers(1, 100))
def test_what_is_cut_covers_what_was_covered_in_the_frame(seed, width, height):
    points = star(seed)
    whole = rle.decode(fill(points, (120, 120)), (120, 120))[:height, :width]
    cut, ends = clip(points, starts(9), width, height)
    area = measure(cut, ends)[0][0]
    length = np.hypot(*(points - np.roll(points, 1, 0)).T).sum()
    assert abs(area - int(whole.sum())) < 0.5 * length + 2  # as above
    if len(cut):
        assert cut.min() >= 0
        assert cut[:, 0].max() <= width
        assert cut[:, 1].max() <= height


def test_a_comb_that_falls_apart_keeps_its_area():
    teeth = [p for n in range(50) for p in ((n, -1), (n + 0.4, -1), (n + 0.4, 9), (n + 0.6, 9))]
    comb = np.array([*teeth, (50, 10), (0, 10)], float)
    cut, ends = clip(comb, starts(len(comb)), 50, 8)
    inside = measure(comb, starts(len(comb)))[0][0]
    assert 0 < measure(cut, ends)[0][0] < inside


@pytest.mark.parametrize(("crowd", "expected"), [(None, 25 / 175), ([1], 0.25), ([0], 25 / 175)])
def test_overlaps_are_those_of_coco(crowd, expected):
    boxes, others = np.array([[0.0, 0, 10, 10]]), np.array([[5.0, 5, 10, 10]])
    assert box_iou(boxes, others, crowd) == pytest.approx(expected)


def test_boxes_apart_and_boxes_of_no_area_overlap_nothing():
    boxes = np.array([[0.0, 0, 10, 10], [3, 3, 0, 0]])
    assert box_iou(boxes, np.array([[10.0, 0, 5, 5], [3, 3, 0, 0]])).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("ask", "words"),
    [
        (lambda: fill(ring(), (5, 4)), "must hold points"),
        (lambda: fill(ring(np.nan, 0), (5, 4)), "finite"),
        (lambda: clip(ring(1, 1), starts(2), 5, 4), "starts must end with 1, got 2"),
        (lambda: measure(ring(1, 1), np.array([1, 1])), "begin with 0"),
        (lambda: box_iou(np.zeros((1, 3)), np.zeros((1, 4))), r"shape \(n, 4\), got \(1, 3\)"),
        (lambda: box_iou(np.zeros((1, 4)), np.zeros((1, 4)), [1, 0]), r"shape \(1,\)"),
    ],
    ids=["no points", "nan", "starts", "begin", "boxes", "crowd"],
)
def test_a_wrong_argument_is_named_with_what_was_expected(ask, words):
    with pytest.raises(ValueError, match=words):
        ask()
