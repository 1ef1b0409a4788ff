import numpy as np
import pytest

from pixelmill.demo.cut import photograph
from pixelmill.job.steps import step_from, step_spec
from pixelmill.sample import Sample
from pixelmill.transforms.denoise import Denoise
from pixelmill_kernels import denoise

METHODS = ("median", "gaussian", "bilateral", "diffusion", "nlm", "tv", "wavelet")


def sample_of(image):
    return Sample("a", image=image, size=image.shape[:2])


def noisy(rng, sigma, size=(150, 120)):
    clean = np.asarray(photograph("coffee").convert("RGB").resize(size), float)
    noise = rng.normal(0, sigma, clean.shape)
    return clean, np.clip(clean + noise, 0, 255).round().astype(np.uint8)


@pytest.mark.parametrize("method", METHODS)
def test_every_method_takes_noise_away_and_moves_nothing(rng, method):
    clean, image = noisy(rng, 15)
    before = sample_of(image)
    after = Denoise(method)(before)
    assert ((after.pixels - clean) ** 2).mean() < 0.8 * ((image - clean) ** 2).mean()
    assert after.pixels.shape == image.shape
    assert after.pixels.dtype == image.dtype
    assert after.moved_by == before.moved_by


@pytest.mark.parametrize("method", METHODS[2:])
def test_auto_is_the_strength_that_is_estimated(rng, method):
    _, image = noisy(rng, 12)
    strength = float(np.sqrt((denoise.noise_level(image) ** 2).mean()))
    told = Denoise(method, strength=strength)(sample_of(image)).pixels
    np.testing.assert_array_equal(Denoise(method)(sample_of(image)).pixels, told)


def test_strength_is_in_255ths_whatever_the_type(rng):
    _, image = noisy(rng, 12)
    eight = Denoise("wavelet", strength=12)(sample_of(image)).pixels
    sixteen = Denoise("wavelet", strength=12)(sample_of(image.astype(np.uint16) * 257)).pixels
    floats = Denoise("wavelet", strength=12)(sample_of(image.astype(np.float32) / 255)).pixels
    # half a level of rounding, and that of float32
    assert np.abs(sixteen / 257 - eight).max() < 0.51
    assert np.abs(np.clip(floats, 0, 1) * 255 - eight).max() < 0.51


def test_auto_leaves_an_image_without_noise_as_it_is():
    flat = sample_of(np.full((20, 30, 3), 9, np.uint8))
    assert Denoise("wavelet")(flat) is flat
    tiny = sample_of(np.zeros((2, 2, 3), np.uint8))
    assert Denoise("nlm")(tiny) is tiny


@pytest.mark.parametrize("method", METHODS)
def test_the_job_shows_the_options_that_were_used(method):
    step = step_from({"denoise": {"method": method}})
    spec = step_spec(step)
    assert step_from(spec) == step
    given = {name for name, value in spec["denoise"].items() if value is not None}
    assert given > {"method"}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"size": 4}, "size must be odd and 3 to 5, got 4"),
        ({"sigma": 2.0}, "method 'median' takes no sigma; it takes size"),
        ({"method": "gaussian", "sigma": 0.0}, "sigma must be above 0 and 170 at most, got 0"),
        ({"method": "gaussian", "strength": "auto"}, "takes no strength; it takes sigma"),
        ({"method": "bilateral", "size": 33}, "size must be odd and 3 to 31, got 33"),
        ({"method": "bilateral", "levels": 2}, "takes no levels; it takes strength, size"),
        ({"method": "nlm", "patch": 2}, "patch must be odd and 1 to 15, got 2"),
        ({"method": "nlm", "search": 65}, "search must be odd and 3 to 63, got 65"),
        ({"method": "nlm", "strength": 0.0}, "strength must be above 0, or auto, got 0"),
        ({"method": "tv", "iterations": 0}, "iterations must be 1 to 1000, got 0"),
        ({"method": "wavelet", "levels": 6}, "levels must be 1 to 5, got 6"),
        ({"method": "wavelet", "size": 3}, "takes no size; it takes strength, levels"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, said):
    with pytest.raises(ValueError, match=said):
        Denoise(**options)


def test_every_range_of_the_options_is_that_of_the_kernels():
    image = sample_of(np.zeros((1, 1, 3), np.uint8))
    extremes = [
        *({"method": "median", "size": size} for size in (3, 5)),
        *({"method": "gaussian", "sigma": sigma} for sigma in (0.01, 170.0)),
        *({"method": "bilateral", "strength": 1.0, "size": size} for size in (3, 31)),
        *({"method": "nlm", "strength": 1.0, "search": size, "patch": 7} for size in (3, 63)),
        *({"method": "tv", "strength": 1.0, "iterations": count} for count in (1, 1000)),
        *({"method": "diffusion", "strength": 1.0, "iterations": count} for count in (1, 1000)),
        *({"method": "wavelet", "strength": 1.0, "levels": levels} for levels in (1, 5)),
    ]
    for options in extremes:
        assert Denoise(**options)(image).pixels.tolist() == [[[0, 0, 0]]]
