"""Every geometric transform states its map: a bright dot is found where the map says it went."""

import numpy as np
import pytest

from pixelmill.geometry import Affine
from pixelmill.random import Randomness
from pixelmill.sample import Sample
from pixelmill.transforms import affine
from pixelmill.transforms.center_crop import CenterCrop
from pixelmill.transforms.elastic import Elastic
from pixelmill.transforms.flip import Flip
from pixelmill.transforms.fuse import fused
from pixelmill.transforms.pad import Pad
from pixelmill.transforms.perspective import Perspective
from pixelmill.transforms.random_resized_crop import RandomResizedCrop
from pixelmill.transforms.resize import Resize
from pixelmill.transforms.rotate import Rotate
from pixelmill.transforms.rotate90 import Rotate90
from pixelmill.transforms.shear import Shear

HEIGHT, WIDTH = 60, 84
DOT = (40.0, 28.0)  # x, y of the middle of a bright square of 8 x 8 pixels


def sample(key="a", seed=0, half=4):
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    image[28 - half : 28 + half, 40 - half : 40 + half] = 255
    return Sample(key, image=image, size=(HEIGHT, WIDTH), random=Randomness(seed, key))


def centre(image):
    """(x, y) of the bright part's centre of mass, pixel i covering [i, i + 1)."""
    weight = image[..., 0].astype(float)
    ys, xs = np.mgrid[: image.shape[0], : image.shape[1]] + 0.5
    return (xs * weight).sum() / weight.sum(), (ys * weight).sum() / weight.sum()


@pytest.mark.parametrize(
    "steps",
    [
        [Resize(30)],
        [Resize(120)],
        [Resize((50, 40), "exact")],
        [Resize((50, 50), "pad")],
        [CenterCrop(40)],
        [CenterCrop((41, 33))],
        [Pad(3)],
        [Pad((1, 2, 3, 4), mode="edge")],
        [Pad(size=100)],
        [Flip()],
        [Flip("vertical")],
        [Rotate90(1)],
        [Rotate90(2)],
        [Rotate90(3)],
        [Rotate90(1), Flip(), Resize(48), CenterCrop(44), Pad(2), Rotate90(3)],
        [Rotate(17)],
        [Rotate(-100, expand=True)],
        [Rotate(33, filter="bicubic", border="reflect")],
        [Shear(20, -10)],
        [affine.Affine(40, (0.1, 0.1), (0.8, 1.2), (-10, 10, -5, 5))],
        [Pad(3), Rotate(30, expand=True), Flip(), Shear(10), CenterCrop(64), Resize(80)],
    ],
    ids=lambda steps: "+".join(type(step).__name__ for step in steps),
)
def test_the_dot_is_where_the_map_says(steps):
    there = sample()
    for step in steps:
        there = step(there)
    # 0.1 pixel: the resize rounds levels, and its filter rings a little beside an edge.
    assert centre(there.pixels) == pytest.approx(there.moved_by(*DOT), abs=0.1)
    assert there.size == there.pixels.shape[:2]
    assert there.touched


@pytest.mark.parametrize("key", "abcdef")
@pytest.mark.parametrize(
    "steps",
    [
        [Perspective(0.4, 1.0)],
        [Elastic(60, 8)],
        [affine.Affine(20, (0.1, 0.1), (0.8, 1.2), 10)],
        [Resize(90), Perspective(0.3, 1.0), Flip(), Perspective(0.2, 1.0), Rotate(10, expand=True)],
        [Rotate(5), Elastic(60, 8), Resize(50), Perspective(0.3, 1.0), Elastic(30, 6), Pad(2)],
    ],
    ids=lambda steps: "+".join(type(step).__name__ for step in steps),
)
def test_the_dot_is_where_a_map_says_that_is_not_affine(steps, key):
    there = sample(key, half=2)
    for number, step in enumerate(steps):
        there.random.step(str(number))
        there = step(there)
    # 0.15 pixel: the dot is 4 pixels wide, and such a map moves its middle and its edges unlike.
    assert centre(there.pixels) == pytest.approx(there.moved_by(*DOT), abs=0.15)
    assert there.size == there.pixels.shape[:2]


@pytest.mark.parametrize("key", "abcdefgh")
def test_a_random_crop_states_its_map_too(key):
    there = RandomResizedCrop(64, scale=(0.8, 1.0))(sample(key))
    x, y = there.moved_by(*DOT)
    assert 6 < x < 58
    assert 6 < y < 58
    assert centre(there.pixels) == pytest.approx((x, y), abs=0.15)


def test_random_crops_are_those_of_the_key_and_the_seed():
    crop = RandomResizedCrop(16)
    same = [crop.rectangle(HEIGHT, WIDTH, Randomness(1, "k")) for _ in range(2)]
    assert same[0] == same[1]
    others = {crop.rectangle(HEIGHT, WIDTH, Randomness(s, k)) for s in (1, 2) for k in "kl"}
    assert len(others) == 4


def test_random_crops_keep_their_area_and_aspect():
    crop = RandomResizedCrop(16, scale=(0.2, 0.5), ratio=(0.75, 1.5))
    for number in range(300):
        top, left, high, wide = crop.rectangle(300, 400, Randomness(0, str(number)))
        assert 0 <= top <= 300 - high
        assert 0 <= left <= 400 - wide
        # a pixel of rounding on each side
        assert 0.19 <= high * wide / 120_000 <= 0.51
        assert 0.73 <= wide / high <= 1.53


def test_a_strip_that_allows_no_crop_gets_its_middle():
    assert RandomResizedCrop(8).rectangle(10, 1000, Randomness()) == (0, 493, 10, 13)


def test_resize_and_crop_fused_give_the_same_bytes(rng):
    image = rng.integers(0, 256, (97, 131, 3), np.uint8)
    start = Sample("a", image=image, size=(97, 131))
    steps = [("r", Resize(64)), ("c", CenterCrop((48, 33)))]
    ((_, both),) = fused(steps)
    one_by_one = CenterCrop((48, 33))(Resize(64)(start))
    together = both(start)
    assert together.pixels.tobytes() == one_by_one.pixels.tobytes()
    assert together.moved_by == pytest.approx(one_by_one.moved_by)
    assert together.size == one_by_one.size


def test_a_pad_between_keeps_resize_and_crop_apart():
    steps = [("r", Resize((9, 9), "pad")), ("c", CenterCrop(4))]
    assert fused(steps) == steps


def test_maps_compose_in_order():
    both = Affine.shift(-5, 0).then(Affine.scale(2, 3))
    assert both(7, 1) == (4, 3)
    assert Affine.flip_x(10).then(Affine.flip_x(10)) == Affine()
