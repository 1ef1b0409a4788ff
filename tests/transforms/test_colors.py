"""The transforms of colours and levels are one family, and are tested as one."""

from collections import Counter

import numpy as np
import pytest

from pixelmill.errors import TransformError
from pixelmill.job.steps import step_from, step_spec
from pixelmill.random import Randomness
from pixelmill.sample import Sample
from pixelmill.transforms.amount import drawn, drawn_whole
from pixelmill.transforms.autocontrast import Autocontrast
from pixelmill.transforms.brightness import Brightness
from pixelmill.transforms.color_jitter import ColorJitter
from pixelmill.transforms.contrast import Contrast
from pixelmill.transforms.equalize import Equalize
from pixelmill.transforms.gamma import Gamma
from pixelmill.transforms.grayscale import Grayscale
from pixelmill.transforms.hue import Hue
from pixelmill.transforms.invert import Invert
from pixelmill.transforms.posterize import Posterize
from pixelmill.transforms.saturation import Saturation
from pixelmill.transforms.sharpness import Sharpness
from pixelmill.transforms.solarize import Solarize
from pixelmill_kernels import blend, equalize, hsv, jitter, levels
from pixelmill_kernels.grayscale import grayscale
from pixelmill_kernels.sharpness import sharpness

FIXED = {
    Autocontrast(2): lambda image: equalize.autocontrast(image, 2),
    Brightness(1.4): lambda image: blend.brightness(image, 1.4),
    ColorJitter(hue=(0.1, 0.1)): lambda image: jitter.jitter(image, [("hue", 0.1)]),
    Contrast(0.5): lambda image: blend.contrast(image, 0.5),
    Equalize(): equalize.equalize,
    Gamma(0.7): lambda image: levels.gamma(image, 0.7),
    Grayscale(): lambda image: grayscale(image, 3),
    Grayscale(1): grayscale,
    Hue(-0.2): lambda image: hsv.hue(image, -0.2),
    Invert(): levels.invert,
    Posterize(3): lambda image: levels.posterize(image, 3),
    Saturation(2): lambda image: blend.saturation(image, 2),
    Sharpness(2): lambda image: sharpness(image, 2),
    Solarize(90): lambda image: levels.solarize(image, 90),
}
every_step = pytest.mark.parametrize("step", FIXED, ids=lambda step: type(step).__name__)


def sample(image, key="a"):
    return Sample(key, image=image, size=image.shape[:2], random=Randomness(0, key))


@every_step
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_the_levels_are_the_kernels_and_stay_where_they_are(rng, step, channels):
    image = rng.integers(0, 256, (9, 11, channels), np.uint8)
    before = sample(image)
    after = step(before)
    np.testing.assert_array_equal(after.pixels, FIXED[step](image))
    assert after.moved_by == before.moved_by
    assert after.size == before.size
    assert after.touched


@every_step
def test_a_job_file_says_it_and_makes_it_again(step):
    assert step_from(step_spec(step)) == step


@every_step
def test_sixteen_bits_and_floats_are_refused_with_the_mend(step):
    if isinstance(step, Invert):
        wide = np.full((3, 4, 1), 65000, np.uint16)
        assert (step(sample(wide)).pixels == 535).all()
        return
    with pytest.raises(TransformError, match=r"the image has 16 bits.*decode.color to rgb or gray"):
        step(sample(np.zeros((3, 4, 1), np.uint16)))
    with pytest.raises(TransformError, match=r"is float32.*put it before normalize"):
        step(sample(np.zeros((3, 4, 1), np.float32)))


@pytest.mark.parametrize(
    "make",
    [
        *(Autocontrast, Brightness, Contrast, Equalize, Gamma, Grayscale, Hue, Invert),
        *(Posterize, Saturation, Sharpness, Solarize),
        lambda probability: ColorJitter(0.5, probability=probability),
    ],
)
def test_it_is_done_as_often_as_asked(make):
    image = np.zeros((2, 2, 3), np.uint8)
    done = sum(make(probability=0.3)(sample(image, str(n))).touched for n in range(1000))
    assert 250 < done < 350  # 3.4 standard deviations of 14.5 on each side
    assert not make(probability=0.0)(sample(image)).touched


@pytest.mark.parametrize("make", [Brightness, Contrast, Saturation, Sharpness, Gamma])
def test_a_range_draws_another_amount_for_each_sample_and_the_same_again(rng, make):
    image = rng.integers(0, 256, (16, 16, 3), np.uint8)
    got = [make((0.3, 3.0))(sample(image, key)).pixels.tobytes() for key in "abcda"]
    assert len(set(got)) == 4
    assert got[0] == got[4]


def test_draws_are_within_the_range_and_whole_ones_reach_both_ends():
    draws = [drawn((0.5, 1.5), Randomness(n)) for n in range(300)]
    assert 0.5 <= min(draws) < 0.55
    assert 1.45 < max(draws) < 1.5
    assert {drawn_whole((3, 5), Randomness(n)) for n in range(100)} == {3, 4, 5}
    assert drawn(0.7, Randomness()) == 0.7
    assert drawn_whole(6, Randomness()) == 6


def test_a_number_is_torchvisions_range():
    steps = [dict(ColorJitter(0.4, 1.5, (2, 3), 0.1).steps(Randomness(n))) for n in range(400)]
    limits = {
        "brightness": (0.6, 1.4),
        "contrast": (0.0, 2.5),
        "saturation": (2.0, 3.0),
        "hue": (-0.1, 0.1),
    }
    for change, (low, high) in limits.items():
        amounts = [step[change] for step in steps]
        margin = (high - low) / 20  # 400 draws leave a twentieth empty once in 10**9 times
        assert low <= min(amounts) < low + margin
        assert high - margin < max(amounts) <= high


def test_every_order_is_as_likely():
    jitter_ = ColorJitter(0.4, 0.4, 0.4, 0.1)
    orders = Counter(
        tuple(name for name, _ in jitter_.steps(Randomness(n))) for n in range(24 * 200)
    )
    assert len(orders) == 24
    assert min(orders.values()) > 200 - 4 * 14  # four standard deviations of 13.8
    assert max(orders.values()) < 200 + 4 * 14


def test_what_is_0_is_left_out():
    assert [name for name, _ in ColorJitter(saturation=0.3).steps(Randomness())] == ["saturation"]


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Brightness(-1), r"factor must be 0 or more, a number or \[low, high\], got -1"),
        (lambda: Contrast((1.2, 0.8)), r"factor must be 0 or more.*got \[1.2, 0.8\]"),
        (lambda: Hue(0.7), "shift must be -0.5..0.5"),
        (lambda: Gamma(0), "exponent must be 0.01..100"),
        (lambda: Solarize(300), "threshold must be 0..256"),
        (lambda: Posterize((0, 4)), "bits must be 1..8"),
        (lambda: Autocontrast(60), "cutoff must be 0..49"),
        (lambda: Invert(2), "probability must be 0..1, got 2"),
        (lambda: Grayscale(1, 0.5), "channels 1 needs probability 1, got 0.5"),
        (lambda: ColorJitter(), "give one of `brightness`, `contrast`, `saturation`, `hue`"),
        (lambda: ColorJitter(hue=-0.1), "hue must be 0..0.5"),
        (lambda: ColorJitter(hue=(-0.6, 0.1)), r"hue must be -0.5..0.5.*got \[-0.6, 0.1\]"),
        (lambda: ColorJitter(-0.1), "brightness must be 0 or more"),
    ],
)
def test_options_that_make_no_sense_are_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
