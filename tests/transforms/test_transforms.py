import numpy as np
import pytest

from pixelmill.errors import TransformError
from pixelmill.random import Randomness
from pixelmill.sample import Drop, Sample
from pixelmill.transforms.center_crop import CenterCrop
from pixelmill.transforms.denoise import Denoise
from pixelmill.transforms.flip import Flip
from pixelmill.transforms.max_aspect import MaxAspect
from pixelmill.transforms.min_size import MinSize
from pixelmill.transforms.normalize import Normalize
from pixelmill.transforms.pad import Pad
from pixelmill.transforms.resize import Resize
from pixelmill.transforms.rotate90 import Rotate90


def of_size(height, width, channels=3):
    image = np.zeros((height, width, channels), np.uint8)
    return Sample("a", image=image, size=(height, width))


@pytest.mark.parametrize(
    ("resize", "before", "after"),
    [
        (Resize(256), (401, 468), (256, 299)),
        (Resize(256), (468, 401), (299, 256)),
        (Resize(256), (256, 256), (256, 256)),
        (Resize(256), (1, 1000), (256, 256_000)),
        (Resize(100, "longer"), (401, 468), (86, 100)),
        (Resize((30, 40), "exact"), (401, 468), (30, 40)),
        (Resize(32, "exact"), (401, 468), (32, 32)),
        (Resize((100, 100), "fit"), (50, 200), (25, 100)),
        (Resize((100, 100), "fit"), (1000, 3), (100, 1)),
        (Resize(256, only_shrink=True), (100, 120), (100, 120)),
        (Resize(64, only_shrink=True), (100, 120), (64, 77)),
    ],
    ids=str,
)
def test_resize_aims_at_the_size_that_its_mode_says(resize, before, after):
    assert resize.target(before) == after


def test_resize_pads_to_exactly_its_box_in_the_middle():
    sample = Sample("a", image=np.full((10, 40, 3), 200, np.uint8), size=(10, 40))
    out = Resize((20, 20), "pad", fill=7)(sample).pixels
    assert out.shape == (20, 20, 3)
    assert (out[:7] == 7).all()
    assert (out[13:] == 7).all()
    assert (out[8:12] == 200).all()


def test_a_size_that_is_right_already_leaves_the_image_untouched():
    sample = of_size(256, 300)
    assert Resize(256)(sample) is sample
    assert CenterCrop((256, 300))(sample) is sample
    assert Pad(size=200)(sample) is sample


def test_only_too_small_and_too_long_images_are_dropped():
    assert MinSize(64)(of_size(64, 90)).size == (64, 90)
    assert MinSize(65)(of_size(64, 90)) == Drop("too_small", {"height": 64, "width": 90})
    assert MaxAspect(2)(of_size(50, 100)).size == (50, 100)
    assert MaxAspect(2)(of_size(50, 101)) == Drop("too_long", {"height": 50, "width": 101})


def test_a_crop_larger_than_the_image_says_how_to_mend_it():
    with pytest.raises(TransformError, match="cannot cut 64x64 out of an image of 32x90; put a"):
        CenterCrop(64)(of_size(32, 90))


def test_flips_come_as_often_as_asked():
    flipped = 0
    for number in range(1000):
        sample = Sample(
            "a", image=np.zeros((2, 2, 3), np.uint8), size=(2, 2), random=Randomness(0, str(number))
        )
        flipped += Flip(probability=0.3)(sample).touched
    assert 250 < flipped < 350  # 3.4 standard deviations of 14.5 on each side


def test_quarter_turns_are_those_of_numpy(rng):
    image = rng.integers(0, 256, (5, 7, 3), np.uint8)
    for turns in range(-3, 6):
        out = Rotate90(turns)(Sample("a", image=image, size=(5, 7))).pixels
        np.testing.assert_array_equal(out, np.rot90(image, turns))


@pytest.mark.parametrize(("preset", "low", "high"), [("unit", 0, 1), ("signed", -1, 1)])
def test_normalize_presets_span_what_they_say(preset, low, high):
    image = np.array([[[0], [255]]], np.uint8)
    out = Normalize(preset)(Sample("a", image=image, size=(1, 2))).pixels
    # 1e-6: two float32 roundings of values up to 1
    np.testing.assert_allclose(out[0, :, 0], [low, high], atol=1e-6)


def test_normalize_refuses_a_gray_image_for_three_means():
    with pytest.raises(TransformError, match=r"3 means for an image of 1 channels.*decode.color"):
        Normalize()(of_size(4, 4, channels=1))


def test_denoise_removes_a_lone_speck():
    image = np.full((9, 9, 3), 100, np.uint8)
    image[4, 4] = 255
    out = Denoise()(Sample("a", image=image, size=(9, 9))).pixels
    assert (out == 100).all()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: MinSize(0), "pixels must be 1 or more"),
        (lambda: MaxAspect(0.5), "ratio must be 1 or more"),
        (lambda: Resize(0), "size must be 1 or more"),
        (lambda: Resize((3, 4)), "takes one number"),
        (lambda: CenterCrop(0), "size must be 1 or more"),
        (lambda: Flip(probability=2), "probability must be 0..1"),
        (lambda: Pad(), "give `border` or `size`"),
        (lambda: Pad(-1), "border must be 0 or more"),
        (lambda: Normalize(mean=(0.5,)), "both `mean` and `std`"),
        (lambda: Normalize(mean=(0.5,), std=(0.0,)), "above 0"),
    ],
)
def test_options_that_make_no_sense_are_refused(make, said):
    with pytest.raises(ValueError, match=said):
        make()
