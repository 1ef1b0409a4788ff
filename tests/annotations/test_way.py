import json

import numpy as np
import pytest
from record import photo, record_of, through

from pixelmill.annotations import keypoints
from pixelmill.annotations.boxes import outline, whole_areas
from pixelmill.annotations.deformed import deformed
from pixelmill.annotations.polygons import Rings
from pixelmill.annotations.way import Way, carried
from pixelmill.codecs.orient import map_of, turned
from pixelmill.geometry import IDENTITY, Affine, Deformation, Path, Projective
from pixelmill.sample import Leg
from pixelmill_kernels.elastic import elastic_field

TILT = Projective(1.1, 0.2, -3.0, 0.1, 0.9, 2.0, 0.004, 0.003, 1.0)
HALF = Leg(Affine.scale(0.5, 0.5), (20, 50))
CROP = Leg(Affine.shift(-10, 0), (20, 30))
FLIP = Leg(Affine.flip_x(30), (20, 30))
PAD = Leg(Affine.shift(5, 5), (30, 40))
SIZE = (40, 100)


def sheet(size=(60, 90)):
    return Deformation(*elastic_field(size, 60.0, 8.0, 3))


def test_steps_are_joined_where_nothing_cut_off_can_come_back():
    assert len(Way.of(SIZE, [HALF, CROP, FLIP]).legs) == 1
    assert Way.of(SIZE, []).legs == (Leg(IDENTITY, SIZE),)
    assert [leg.size for leg in Way.of(SIZE, [HALF, CROP, FLIP, PAD]).legs] == [(20, 30), (30, 40)]
    # a margin cuts nothing off, so what comes after it is joined with it
    margin = Leg(Affine.shift(5, 5), (50, 110))
    assert [leg.size for leg in Way.of(SIZE, [margin, HALF]).legs] == [SIZE, (20, 50)]


def test_joined_steps_are_their_product():
    (leg,) = Way.of(SIZE, [HALF, CROP, FLIP]).legs
    assert leg.by(30, 8) == (30 - (15 - 10), 4)


def test_a_path_is_taken_apart_with_the_sizes_that_its_fields_have():
    path = Path((Affine.scale(0.9, 1.5), sheet(), Affine.shift(1, 1)))
    legs = Way.of(SIZE, [Leg(path, (62, 92))]).legs
    assert [leg.size for leg in legs] == [(60, 90), (60, 90), (62, 92)]


@pytest.mark.parametrize("by", [IDENTITY, TILT, sheet(), TILT.then(sheet())], ids=repr)
def test_many_points_go_where_each_of_them_goes(by):
    points = np.random.default_rng(0).uniform(-5, 70, (50, 2))
    expected = [by(*point) for point in points]
    # a hundredth of a pixel is what a deformation promises
    np.testing.assert_allclose(carried(by, points), expected, atol=0.01)


def test_a_deformed_point_followed_back_is_the_point():
    points = np.random.default_rng(0).uniform(0, 60, (200, 2))
    by = sheet()
    for (x, y), (to_x, to_y) in zip(points, deformed(by, points), strict=True):
        dx, dy = by.shift(to_x, to_y)
        assert (to_x + dx, to_y + dy) == pytest.approx((x, y), abs=0.01)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_map_of_an_orientation_is_where_its_pixels_go(orientation):
    image = np.zeros((4, 7, 1), np.uint8)
    image[1, 2] = 1
    shown = turned(image, orientation)
    x, y = map_of(orientation, 4, 7)(2.5, 1.5)
    assert shown[int(y), int(x)] == 1


@pytest.mark.parametrize(
    ("legs", "mirrored"),
    [
        ([FLIP], True),
        ([FLIP, FLIP], False),
        ([Leg(Affine.flip_y(40), SIZE)], True),
        ([Leg(Affine.rotate(90).about(50, 20), SIZE)], False),
        ([Leg(map_of(5, 40, 100), (100, 40))], True),
        ([Leg(TILT, SIZE)], False),
        ([Leg(sheet(SIZE), SIZE), FLIP], True),
    ],
    ids=["flip", "twice", "upside down", "turn", "transposed", "tilt", "rubber"],
)
def test_an_odd_number_of_mirrors_mirrors(legs, mirrored):
    assert Way.of(SIZE, legs).mirrored is mirrored


def test_a_turned_and_cut_box_is_around_what_is_seen():
    """Where albumentations cuts the box around the turned one, which is larger."""
    way = Way.of((10, 10), [Leg(Affine.rotate(45).about(0, 0), (10, 10))])
    box = (0.0, 0.0, 10.0, 10.0)
    rings = Rings.of([outline(box, way)])
    areas, bounds = rings.along(way).measured()
    side = 10 * np.sqrt(0.5)
    # the upper half of a square on its corner is above the image; the tip of the lower is beside it
    np.testing.assert_allclose(bounds, [[0, 0, 10, side]], atol=1e-9)
    assert areas[0] == pytest.approx(50 - (2 * side - 10) ** 2 / 2)
    assert whole_areas([box], rings, way) == pytest.approx([100])


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
def test_a_keypoint_is_the_index_of_its_pixel(turns):
    image = np.zeros((40, 100), int)
    image[7, 12] = 1
    ys, xs = np.nonzero(np.rot90(image, turns))
    by = Affine.rotate(90 * turns).about(50, 20)
    size = (40, 100) if turns % 2 == 0 else (100, 40)
    by = by.then(Affine.shift(size[1] / 2 - 50, size[0] / 2 - 20))
    found, lost = keypoints.along(np.array([[12.0, 7, 2]]), Way.of(SIZE, [Leg(by, size)]))
    assert found.tolist() == [[xs[0], ys[0], 2]]
    assert lost == 0


def person(*seen, count=17):
    points = np.zeros((count, 3))
    for n in seen:
        points[n] = 10 + n, 5, 2
    return {"bbox": [10.0, 5.0, 21.0, 15.0], "keypoints": points.reshape(-1).tolist()}


def keypoints_after(row, *steps, **options):
    outcome = through(photo(100, 40, json=record_of(100, 40, row)), *steps, **options)
    fields = outcome.what.samples["train"].fields
    points = json.loads(fields["json"])["objects"]["keypoints"][0]
    return np.array(points).reshape(-1, 3), list(outcome.notes)


def test_left_and_right_change_places_in_a_mirror_and_not_in_a_turn():
    flipped, _ = keypoints_after(person(0, 1, 16), {"flip": "horizontal"})
    assert flipped[0].tolist() == [89, 5, 2]
    assert flipped[2].tolist() == [88, 5, 2]  # what was the left eye, 1
    assert flipped[15].tolist() == [73, 5, 2]
    assert flipped[1].tolist() == [0, 0, 0]
    half, _ = keypoints_after(person(1), {"rotate90": 2})
    assert half[1].tolist() == [88, 34, 2]
    twice, _ = keypoints_after(person(1), {"flip": "vertical"}, {"flip": "horizontal"})
    assert twice.tolist() == half.tolist()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_pairs_change_places_where_exif_mirrors_and_not_where_it_turns(orientation):
    """Transpositions, 5 and 7, are mirrors: the determinant of their maps is negative."""
    sample = photo(100, 40, exif=orientation, json=record_of(100, 40, person(1)))
    outcome = through(sample, {"min_size": 1}, outputs=[{"image": "png"}])
    fields = outcome.what.samples["train"].fields
    points = np.array(json.loads(fields["json"])["objects"]["keypoints"][0]).reshape(-1, 3)
    (named,) = np.flatnonzero(points[:, 2])
    assert named == (2 if orientation in (2, 4, 5, 7) else 1)
    x, y = map_of(orientation, 40, 100)(11.5, 5.5)
    assert points[named].tolist() == [x - 0.5, y - 0.5, 2]


def test_a_transposition_is_a_flip_and_a_turn_with_the_same_names():
    exif = photo(100, 40, exif=5, json=record_of(100, 40, person(0, 1, 16)))
    steps = {"flip": "horizontal"}, {"rotate90": 1}
    plain = photo(100, 40, json=record_of(100, 40, person(0, 1, 16)))
    told = []
    for sample, way in ((exif, ()), (plain, steps)):
        outcome = through(sample, *way, outputs=[{"image": "png"}])
        record = json.loads(outcome.what.samples["train"].fields["json"])
        told.append((record["width"], record["height"], record["objects"]["keypoints"]))
    assert told[0] == told[1]


def test_pairs_of_other_skeletons_are_the_jobs_to_name():
    row = person(0, 1, count=3)
    found, notes = keypoints_after(row, {"flip": "horizontal"})
    assert notes == ["keypoints_without_pairs"]
    assert found[0].tolist() == [89, 5, 2]
    found, notes = keypoints_after(row, {"flip": "horizontal"}, annotations={"pairs": [[0, 2]]})
    assert notes == []
    assert found[2].tolist() == [89, 5, 2]


def test_a_keypoint_outside_is_not_labelled_and_counted():
    found, notes = keypoints_after(person(0, 16), {"center_crop": [40, 60]})
    assert found[0].tolist() == [0, 0, 0]
    assert found[16].tolist() == [6, 5, 2]
    assert notes == ["keypoint_outside"]


def test_a_resized_keypoint_is_the_pixel_that_its_centre_is_in():
    """Not torchvision's and albumentations' plain ratio, with which a flip would not agree."""
    found, _ = keypoints_after(person(0), {"resize": {"size": [80, 200], "mode": "exact"}})
    assert found[0].tolist() == [20.5, 10.5, 2]
