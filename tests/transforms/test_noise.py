import numpy as np
import pytest

from pixelmill.errors import TransformError
from pixelmill.random import Randomness
from pixelmill.sample import Sample
from pixelmill.transforms.cutout import Cutout
from pixelmill.transforms.gaussian_noise import GaussianNoise
from pixelmill.transforms.jpeg_artefacts import JpegArtefacts
from pixelmill.transforms.motion_blur import MotionBlur
from pixelmill.transforms.poisson_noise import PoissonNoise
from pixelmill.transforms.random_erasing import RandomErasing
from pixelmill.transforms.salt_and_pepper import SaltAndPepper
from pixelmill.transforms.speckle import Speckle
from pixelmill_kernels.artefacts import jpeg_artefacts
from pixelmill_kernels.blur import motion_blur
from pixelmill_kernels.noise import gaussian

ALL = [
    GaussianNoise(),
    PoissonNoise(),
    SaltAndPepper(),
    Speckle(),
    JpegArtefacts(),
    MotionBlur(),
    Cutout(),
    RandomErasing(),
]


def named(transform):
    return type(transform).__name__


def sample(key="a", seed=0, dtype=np.uint8, channels=3, size=(40, 56)):
    rng = np.random.default_rng(5)
    image = rng.integers(0, np.iinfo(dtype).max + 1, (*size, channels), dtype)
    return Sample(key, image=image, size=size, random=Randomness(seed, key))


@pytest.mark.parametrize("transform", ALL, ids=named)
def test_the_same_sample_and_seed_give_the_same_pixels(transform):
    pixels = [transform(sample("a", seed=1)).pixels.tobytes() for _ in range(2)]
    assert pixels[0] == pixels[1]
    others = {transform(sample(key, seed)).pixels.tobytes() for key in "ab" for seed in (1, 2)}
    assert len(others) == 4


@pytest.mark.parametrize("transform", ALL, ids=named)
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_levels_change_and_places_alpha_and_the_source_stay(transform, channels):
    before = sample(channels=channels)
    original = before.pixels.copy()
    after = transform(before)
    assert after.pixels.shape == original.shape
    assert after.pixels.dtype == original.dtype
    assert after.moved_by == before.moved_by
    assert after.touched
    assert (after.pixels != original).any()
    np.testing.assert_array_equal(before.pixels, original)
    if channels == 4 and not isinstance(transform, MotionBlur):
        np.testing.assert_array_equal(after.pixels[..., 3], original[..., 3])


@pytest.mark.parametrize("transform", ALL, ids=named)
def test_a_probability_of_zero_leaves_the_sample_untouched(transform):
    before = sample()
    assert type(transform)(probability=0)(before) is before


@pytest.mark.parametrize("transform", ALL, ids=named)
def test_it_is_done_as_often_as_asked(transform):
    seldom = type(transform)(probability=0.3)
    done = sum(seldom(sample(str(n), size=(20, 20))).touched for n in range(500))
    # 150 +- 4 standard deviations of 10.2
    assert 109 < done < 191


@pytest.mark.parametrize("transform", ALL, ids=named)
def test_16_bits_are_done_or_refused_with_the_mend(transform):
    there = sample(dtype=np.uint16)
    if isinstance(transform, JpegArtefacts):
        with pytest.raises(TransformError, match=r"16 bits.*set decode\.color"):
            transform(there)
    else:
        assert transform(there).pixels.dtype == np.uint16


def test_numbers_are_taken_as_they_are_and_ranges_are_drawn_from():
    there = sample()
    fixed = GaussianNoise(5)(there).pixels
    there.random.step("")  # from the first draw again
    there.random.uniform()  # the probability's
    np.testing.assert_array_equal(fixed, gaussian(there.pixels, 5, there.random.key()))
    spreads = [
        np.std(GaussianNoise((2, 20))(gray(str(n))).pixels.astype(float) - 128) for n in range(60)
    ]
    # uniform in [2, 20]; each spread is measured to 2%
    assert 1.9 < min(spreads) < 4
    assert 18 < max(spreads) < 20.5


def gray(key):
    image = np.full((40, 50, 3), 128, np.uint8)
    return Sample(key, image=image, size=(40, 50), random=Randomness(0, key))


def test_16_bits_get_as_much_noise_of_their_own_scale():
    image = np.full((100, 100, 3), 32768, np.uint16)
    there = Sample("a", image=image, size=(100, 100))
    # 30,000 draws measure a spread to 0.4%
    assert GaussianNoise(5)(there).pixels.std() == pytest.approx(5 * 257, rel=0.02)
    assert (Cutout(1.0, value=200)(there).pixels == 200 * 257).any()


def test_jpeg_qualities_are_whole_and_both_ends_are_drawn():
    before = sample()
    made = {JpegArtefacts((40, 42))(sample(str(n))).pixels.tobytes() for n in range(60)}
    assert made == {jpeg_artefacts(before.pixels, q).tobytes() for q in (40, 41, 42)}


def test_the_blur_is_the_kernels():
    out = MotionBlur(9, 30)(sample()).pixels
    np.testing.assert_array_equal(out, motion_blur(sample().pixels, 9, 30))


def test_cutout_blanks_squares_around_any_pixel():
    cut = Cutout(0.5)
    middles = set()
    for n in range(300):
        top, left, height, width = cut.square(20, 30, Randomness(0, str(n)))
        assert 0 <= top < top + height <= 20
        assert 0 <= left < left + width <= 30
        assert height <= 10
        assert width <= 10
        middles.add((top, left))
    assert (0, 0) in middles
    assert {top for top, _ in middles} == set(range(15))
    there = sample()
    blank = (Cutout(0.5, count=3, value=9)(there).pixels == 9).all(axis=2)
    assert 100 < blank.sum() <= 3 * 400


def test_erased_rectangles_keep_their_area_and_aspect():
    erasing = RandomErasing(scale=(0.05, 0.3), ratio=(0.5, 2.0))
    tops = set()
    for n in range(300):
        top, left, high, wide = erasing.rectangle(300, 400, Randomness(0, str(n)))
        assert 0 <= top <= 300 - high
        assert 0 <= left <= 400 - wide
        # a pixel of rounding on each side
        assert 0.048 <= high * wide / 120_000 <= 0.303
        assert 0.48 <= high / wide <= 2.08
        tops.add(top)
    assert len(tops) > 100


def test_an_image_without_room_is_not_erased():
    there = sample(size=(1, 40))
    assert RandomErasing()(there) is there


def test_the_mean_is_the_images_own():
    there = sample()
    out = Cutout(1.0, fill="mean")(there).pixels
    mean = np.floor(there.pixels.mean(axis=(0, 1)) + 0.5)
    assert (out == mean).all(axis=2).sum() >= 400


def test_a_key_is_a_draw_of_64_bits():
    keys = [Randomness(0, str(n)).key() for n in range(200)]
    assert len(set(keys)) == 200
    assert 2**62 < max(keys) < 2**64
    first, second = Randomness(), Randomness()
    assert first.key() == second.key() != second.key()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: GaussianNoise(-1), "sigma must be 0..255, a number or"),
        (lambda: GaussianNoise((9, 3)), r"sigma must be .* got \[9, 3\]"),
        (lambda: PoissonNoise(0), "photons must be 1..100000"),
        (lambda: SaltAndPepper(1.5), "amount must be 0..1"),
        (lambda: SaltAndPepper(salt=-1), "salt must be 0..1"),
        (lambda: Speckle(11), "sigma must be 0..10"),
        (lambda: JpegArtefacts((0, 50)), "quality must be 1..100"),
        (lambda: MotionBlur(0), "length must be 1..255"),
        (lambda: MotionBlur(5, 400), "angle must be -360..360"),
        (lambda: Cutout(2), "size must be 0..1"),
        (lambda: Cutout(count=0), "count must be 1 or more"),
        (lambda: Cutout(value=300), "value must be 0..255"),
        (lambda: RandomErasing(scale=(0, 0.5)), "scale must be 0 < low <= high <= 1"),
        (lambda: RandomErasing(ratio=(2, 1)), "ratio must be 0 < low <= high"),
        (lambda: RandomErasing(value=-1), r"value must be 0\.\.255"),
        *((lambda t=t: type(t)(probability=2), "probability must be 0..1") for t in ALL),
    ],
)
def test_options_that_make_no_sense_are_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
