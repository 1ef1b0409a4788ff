"""Transforms that make other levels of an image's own: windows, CLAHE, bands, normalize's modes."""

import numpy as np
import pytest

from pixelmill.errors import TransformError
from pixelmill.job.steps import step_from
from pixelmill.sample import Sample
from pixelmill.transforms.bands import Bands
from pixelmill.transforms.clahe import Clahe
from pixelmill.transforms.normalize import Normalize
from pixelmill.transforms.window import Window
from pixelmill_kernels.clahe import clahe
from pixelmill_kernels.stretch import stretch
from pixelmill_kernels.window import window


def sample_of(image):
    return Sample("a", image=image, size=image.shape[:2])


@pytest.fixture
def film(rng):
    return rng.integers(800, 3000, (31, 42, 1), np.uint16)


@pytest.mark.parametrize(
    ("step", "same"),
    [
        (Window(1500, 900), lambda i: window(i, 1500, 900)),
        (
            Window(400, 90, function="sigmoid", slope=0.5, intercept=-50, bits=12, invert=True),
            lambda i: window(i, 400, 90, "sigmoid", slope=0.5, intercept=-50, bits=12, invert=True),
        ),
        (Window(), lambda i: stretch(i, 1, 99)),
        (Window(percentiles=(2, 90), bits=16), lambda i: stretch(i, 2, 90, bits=16)),
        (Window(percentiles=(2, 90), invert=True), lambda i: 255 - stretch(i, 2, 90)),
        (Window(bits=12, invert=True), lambda i: 4095 - stretch(i, 1, 99, bits=12)),
        (Clahe(), clahe),
        (Clahe(3.0, (2, 5)), lambda i: clahe(i, 3.0, (2, 5))),
    ],
    ids=str,
)
def test_pixels_are_those_of_the_kernel_and_stay_where_they_are(film, step, same):
    before = sample_of(film)
    after = step(before)
    expected = same(film)
    np.testing.assert_array_equal(after.pixels, expected)
    assert after.pixels.dtype == expected.dtype
    assert after.moved_by == before.moved_by
    assert after.touched


def test_bands_are_counted_from_one(rng):
    image = rng.integers(0, 4000, (9, 7, 13), np.uint16)
    np.testing.assert_array_equal(Bands()(sample_of(image)).pixels, image[..., [2, 1, 0]])
    with pytest.raises(TransformError, match=r"\[14\] of an image of 13 channels"):
        Bands((14,))(sample_of(image))


@pytest.mark.parametrize("per", ["image", "channel"])
def test_normalize_takes_its_numbers_from_the_image_where_asked(rng, per):
    image = rng.integers(40, 90, (21, 34, 3), np.uint8) + np.array([0, 60, 120], np.uint8)
    axes = (0, 1, 2) if per == "image" else (0, 1)
    unit = Normalize(mode="min_max", per=per)(sample_of(image)).pixels
    assert (unit.min(axis=axes) == 0).all()
    # 1.2e-7: one rounding of float32
    np.testing.assert_allclose(unit.max(axis=axes), 1, atol=1.2e-7)
    own = Normalize(mode="per_image", per=per)(sample_of(image)).pixels.astype(np.float64)
    np.testing.assert_allclose(own.mean(axis=axes), 0, atol=1e-6)
    np.testing.assert_allclose(own.std(axis=axes), 1, atol=1e-6)
    assert own.shape == image.shape


@pytest.mark.parametrize(
    "spec",
    [
        {"window": {"center": 40, "width": 400, "intercept": -1024}},
        {"window": {"percentiles": [2, 98], "bits": 16, "per": "channel"}},
        {"clahe": 3.0},
        {"bands": {"order": [4, 3, 2]}},
        {"normalize": {"mode": "per_image"}},
        {"min_sharpness": 50},
        {"brightness_range": {"dark": 0.1}},
        {"min_entropy": 2},
    ],
    ids=lambda spec: next(iter(spec)),
)
def test_a_job_file_says_it_so(spec):
    assert step_from(spec) == step_from(spec)


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: Window(5), "give both `center` and `width`, or neither"),
        (lambda: Window(5, 6, (1, 99)), "not all of them"),
        (lambda: Window(slope=2), "go with `center` and `width`"),
        (lambda: Window(5, 0.5), "width must be 1 or more for linear, got 0.5"),
        (lambda: Window(5, 0, function="sigmoid"), "width must be above 0 for sigmoid, got 0"),
        (lambda: Window(percentiles=(9, 3)), r"0 <= low < high <= 100, got \[9, 3\]"),
        (lambda: Window(bits=0), "bits must be 1 to 16, got 0"),
        (lambda: Clahe(-1), "clip_limit must be 0 or more, got -1"),
        (lambda: Clahe(tiles=(0, 3)), r"tiles must be 1 or more, got \(0, 3\)"),
        (lambda: Bands(()), r"1 to 16 bands, counted from 1, got \[\]"),
        (lambda: Bands((0, 1)), r"counted from 1, got \[0, 1\]"),
        (
            lambda: Normalize(mode="min_max", mean=(0.5,), std=(0.5,)),
            "takes its numbers from each image, not `mean`",
        ),
    ],
)
def test_options_that_make_no_sense_are_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
