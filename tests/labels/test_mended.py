"""Objects as strangers publish them, mended by the rules that `mended` states."""

import numpy as np
import pytest

from pixelmill.labels.mended import Found, mended
from pixelmill.labels.record import boxes
from pixelmill_kernels import rle

SIZE = 40, 100
SQUARE = [10, 5, 20, 5, 20, 15, 10, 15]
MASK = np.zeros(SIZE, np.uint8)
MASK[5:15, 10:20] = 1
COUNTS = rle.encode(MASK)


def one(**said):
    """What becomes of one object: its columns' values, and the notes."""
    objects, notes = mended([Found(**{"category": 3, **said})], SIZE)
    rows = [
        {name: column[n] for name, column in objects.items()} for n in range(len(objects["id"]))
    ]
    return (rows[0] if rows else None), dict(notes)


def test_what_is_right_stays_as_it_is_and_says_nothing():
    row, notes = one(box=(10, 5, 30.5, 20), id=77, iscrowd=True, score=0.5, annotator="a")
    assert notes == {}
    assert row["bbox"] == [10, 5, 30.5, 20]
    assert (row["id"], row["category"], row["iscrowd"]) == (77, 3, 1)
    assert (row["area"], row["score"], row["annotator"]) == (610, 0.5, "a")
    assert (row["occluded"], row["rle_counts"], row["polygons"]) == (-1, "", [])


def test_an_image_without_objects_has_every_column_empty():
    objects, notes = mended([], SIZE)
    assert objects == boxes([])
    assert notes == {}


@pytest.mark.parametrize(
    ("box", "left", "reason"),
    [
        ((90, 30, 20, 20), [90, 30, 10, 10], "box_clipped"),
        ((-5, -5, 200, 200), [0, 0, 100, 40], "box_clipped"),
        ((40, 25, -30, -20), [10, 5, 30, 20], "box_corners_swapped"),
        ((200, 5, 10, 10), None, "annotation_outside"),
        ((float("nan"), 5, 10, 10), None, "annotation_not_finite"),
        ((5, 5, float("inf"), 10), None, "annotation_not_finite"),
        ((5, 5, 0, 10), None, "box_empty"),
        (("five", 5, 10, 10), None, "annotation_unreadable"),
        ((5, 5, 10), None, "annotation_unreadable"),
        (None, None, "annotation_without_shape"),
    ],
)
def test_a_wrong_box_is_mended_or_left_out_and_counted(box, left, reason):
    row, notes = one(box=box)
    assert (row and row["bbox"]) == left
    assert notes == {reason: 1}


def test_a_box_over_the_edge_by_the_rounding_of_its_numbers_is_cut_without_a_word():
    row, notes = one(box=(60.005, 5, 40, 10))
    assert row["bbox"] == pytest.approx([60, 5, 40, 10], abs=0.011)
    assert row["bbox"][0] + row["bbox"][2] <= 100
    assert notes == {}


def test_nothing_is_cut_where_the_size_is_not_known():
    objects, notes = mended([Found(1, box=(500, 5, 10, 10))])
    assert objects["bbox"] == [[500, 5, 10, 10]]
    assert notes == {}


def test_an_unknown_category_and_an_id_that_was_there_are_left_out():
    found = [
        Found(1, (0, 0, 5, 5), id=9),
        Found(2, (1, 1, 5, 5), id=9),
        Found(None, (0, 0, 5, 5), id=10),
    ]
    objects, notes = mended(found, SIZE)
    assert objects["category"] == [1]
    assert notes == {"annotation_id_twice": 1, "unknown_category": 1}


@pytest.mark.parametrize(
    "ring", [[1, 1, 2, 2], [1, 2, 3, 4, 5, 6, 7], [1, 2, 3, float("nan"), 5, 6], []]
)
def test_a_ring_that_is_none_is_left_out_and_its_object_stays(ring):
    row, notes = one(box=(10, 5, 10, 10), polygons=[ring, SQUARE])
    assert row["polygons"] == [SQUARE]
    assert row["area"] == 100
    assert notes == {"polygon_broken": 1}


def test_the_area_of_polygons_is_by_the_shoelace_formula_and_of_masks_in_pixels():
    triangle = [0, 0, 9, 0, 0, 9]
    assert one(box=(0, 0, 20, 15), polygons=[triangle, SQUARE])[0]["area"] == 140.5
    assert one(box=(10, 5, 12, 12), runs=(SIZE, COUNTS.tolist()))[0]["area"] == 100


@pytest.mark.parametrize("counts", [COUNTS.tolist(), rle.to_text(COUNTS).decode()])
def test_runs_come_as_counts_or_as_text_and_leave_as_text(counts):
    row, notes = one(box=(10, 5, 10, 10), runs=(SIZE, counts))
    assert notes == {}
    assert row["rle_size"] == [40, 100]
    found = rle.decode(rle.from_text(row["rle_counts"].encode()), SIZE)
    np.testing.assert_array_equal(found, MASK)


@pytest.mark.parametrize("counts", [[5, 10], [-1, 4001], "~~~", "é", COUNTS.tolist()[:-1], [0.5]])
def test_runs_of_the_wrong_length_are_left_out_and_the_box_stays(counts):
    row, notes = one(box=(10, 5, 10, 10), runs=(SIZE, counts))
    assert row["bbox"] == [10, 5, 10, 10]
    assert row["rle_counts"] == ""
    assert notes == {"mask_broken": 1}


@pytest.mark.parametrize(
    ("said", "box"),
    [
        ({"polygons": [SQUARE]}, [10, 5, 10, 10]),
        ({"runs": (SIZE, COUNTS.tolist())}, [10, 5, 10, 10]),
        ({"keypoints": [10, 5, 2, 0, 0, 0, 30, 9, 1]}, [10.5, 5.5, 20, 4]),
    ],
)
def test_a_box_that_is_missing_is_drawn_around_the_rest(said, box):
    row, notes = one(**said)
    assert row["bbox"] == box
    assert notes == {}
    row, notes = one(box=(10, 5, 0, 0), **said)
    assert row["bbox"] == box
    assert notes == {"box_redrawn": 1}


@pytest.mark.parametrize("points", [[1, 2], [1, 2, float("nan")]])
def test_keypoints_that_are_none_are_left_out(points):
    row, notes = one(box=(10, 5, 10, 10), keypoints=points)
    assert row["keypoints"] == []
    assert notes == {"keypoints_broken": 1}
