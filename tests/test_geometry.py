import math
import pickle

import numpy as np
import pytest

from pixelmill.geometry import IDENTITY, Affine, Deformation, Path, Projective
from pixelmill_kernels.elastic import elastic_field

POINTS = [(0.0, 0.0), (3.5, 70.25), (-8.0, 12.0), (100.0, 1.0)]
TILT = Projective(1.1, 0.2, -3.0, 0.1, 0.9, 2.0, 0.004, 0.003, 1.0)
TURN = Affine.rotate(30).about(20, 10)


def field(size=(60, 90), alpha=60.0, sigma=8.0, seed=3):
    return Deformation(*elastic_field(size, alpha, sigma, seed))


@pytest.mark.parametrize("degrees", [0, 17, 45, 89.9, -200, 1234.5, 360])
def test_a_turn_is_the_cosine_and_the_sine(degrees):
    turn, angle = Affine.rotate(degrees), math.radians(degrees)
    expected = (math.cos(angle), math.sin(angle), 0, -math.sin(angle), math.cos(angle), 0)
    # 1e-13: an angle of 1234.5 degrees is rounded by that much
    assert turn == pytest.approx(expected, abs=1e-13)


def test_quarter_turns_are_exact():
    x, y = 3.0, 5.0
    assert [Affine.rotate(90 * n)(x, y) for n in range(4)] == [(3, 5), (5, -3), (-3, -5), (-5, 3)]


def test_a_shear_leans_lines_by_its_angles():
    assert Affine.shear(30, 0)(0, 1) == pytest.approx((math.tan(math.radians(30)), 1))
    assert Affine.shear(0, -45)(1, 0) == pytest.approx((1, -1))


def test_a_map_about_a_point_leaves_it_there():
    assert TURN(20, 10) == pytest.approx((20, 10))
    assert Affine.scale(2, 3).about(5, 7)(6, 8) == (7, 10)


def test_corners_go_where_they_are_told():
    corners = (1.0, 2.0), (90.0, 4.0), (95.0, 55.0), (-3.0, 50.0)
    by = Projective.of(corners, 100, 60)
    for source, goal in zip(((0, 0), (100, 0), (100, 60), (0, 60)), corners, strict=True):
        assert by(*source) == pytest.approx(goal)


@pytest.mark.parametrize("first", [TURN, TILT, field(), field().then(TILT)], ids=repr)
@pytest.mark.parametrize("second", [TURN, TILT, field(), TURN.then(field())], ids=repr)
def test_then_is_one_after_the_other(first, second):
    both = first.then(second)
    for x, y in POINTS:
        assert both(x, y) == pytest.approx(second(*first(x, y)))


def test_maps_stay_as_simple_as_they_can_be():
    assert isinstance(TURN.then(TURN), Affine)
    assert isinstance(TURN.then(TILT), Projective)
    assert isinstance(TILT.then(TURN), Projective)
    path = TURN.then(TILT).then(field()).then(TURN).then(TURN).then(TILT)
    assert isinstance(path, Path)
    assert [type(part) for part in path.maps] == [Projective, Deformation, Projective]
    assert len(path.then(path).maps) == 5


def test_maps_travel_between_processes():
    by = TURN.then(field()).then(TILT)
    again = pickle.loads(pickle.dumps(by))
    assert again(30, 20) == by(30, 20)


@pytest.mark.parametrize(("alpha", "sigma"), [(30, 4), (60, 8), (100, 10), (200, 15)])
def test_a_deformation_finds_where_a_point_went(alpha, sigma):
    by = field((80, 120), alpha, sigma)
    for y in np.linspace(-5, 85, 19):
        for x in np.linspace(-5, 125, 27):
            to_x, to_y = by(x, y)
            shift_x, shift_y = by.shift(to_x, to_y)
            # followed backwards from there, it is the point again
            assert (to_x + shift_x, to_y + shift_y) == pytest.approx((x, y), abs=0.05)


def test_a_still_deformation_moves_nothing():
    still = np.zeros((4, 5), np.float32)
    assert Deformation(still, still)(1.25, 3.5) == (1.25, 3.5)


def test_a_deformation_is_read_between_its_pixels():
    ramp = np.tile(np.arange(5, dtype=np.float32), (3, 1))
    by = Deformation(ramp, ramp * 0 + 2)
    assert by.shift(1.5, 1.0) == (1, 2)
    assert by.shift(2.25, 1.0) == (1.75, 2)
    assert by.shift(-9, 1) == (0, 2)
    assert by.shift(9, 99) == (4, 2)


def test_nothing_is_the_first_map():
    assert IDENTITY.then(TURN) == TURN
    assert IDENTITY.then(TILT) == pytest.approx(TILT)
