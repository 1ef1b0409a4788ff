import numpy as np
import pytest

from pixelmill_kernels.normalize import normalize

MEAN, STD = (0.485, 0.456, 0.406, 0.5), (0.229, 0.224, 0.225, 0.25)
FULL = {np.uint8: 255.0, np.uint16: 65535.0, np.float32: 1.0}


def by_the_formula(image, mean, std):
    """The definition, in float64 and in one line of NumPy: slow, and plainly right."""
    return (image / FULL[image.dtype.type] - np.array(mean)) / np.array(std)


def image_of(rng, height, width, channels, dtype):
    if dtype == np.float32:
        return rng.random((height, width, channels), np.float32)
    return rng.integers(0, np.iinfo(dtype).max + 1, (height, width, channels), dtype)


@pytest.mark.parametrize("dtype", FULL, ids=lambda dtype: dtype.__name__)
@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("size", [(1, 1), (1, 15), (4, 4), (1, 17), (33, 65), (7, 1)], ids=str)
def test_agrees_with_the_formula_in_both_layouts(rng, size, channels, dtype):
    image = image_of(rng, *size, channels, dtype)
    expected = by_the_formula(image, MEAN[:channels], STD[:channels])
    last = normalize(image, MEAN[:channels], STD[:channels], "hwc")
    # 2e-6: three float32 roundings of values up to 2.7
    np.testing.assert_allclose(last, expected, atol=2e-6)
    first = normalize(image, MEAN[:channels], STD[:channels])
    assert first.shape == (channels, *size)
    assert first.transpose(1, 2, 0).tobytes() == last.tobytes()


@pytest.mark.parametrize("layout", ["chw", "hwc"])
def test_writes_all_of_out_and_nothing_else(rng, layout):
    image = rng.integers(0, 256, (5, 7, 3), np.uint8)
    shape = (3, 5, 7) if layout == "chw" else (5, 7, 3)
    room = np.full((shape[0] + 2, *shape[1:]), np.nan, np.float32)
    assert normalize(image, MEAN[:3], STD[:3], layout, room[1:-1]).base is room
    assert np.isfinite(room[1:-1]).all()
    assert np.isnan(room[[0, -1]]).all()


def test_takes_an_image_that_is_read_only(rng):
    image = rng.integers(0, 256, (5, 7, 3), np.uint8)
    expected = normalize(image, MEAN[:3], STD[:3])
    image.flags.writeable = False
    np.testing.assert_array_equal(normalize(image, MEAN[:3], STD[:3]), expected)


def test_refuses_a_strided_view_and_says_how_to_mend_it():
    image = np.zeros((8, 8, 3), np.uint8)[:, ::2]
    with pytest.raises(ValueError, match=r"not C-contiguous.*ascontiguousarray"):
        normalize(image, MEAN[:3], STD[:3])


@pytest.mark.parametrize(
    ("mean", "std", "layout", "words"),
    [
        (MEAN, STD, "chw", r"one number for each of 3 channels.*\(4,\)"),
        (MEAN[:3], (0.2, 0, 0.2), "chw", r"std must be above 0, got \[0.2, 0.0, 0.2\]"),
        (MEAN[:3], STD[:3], "nchw", r"layout must be one of chw, hwc, got 'nchw'"),
    ],
    ids=["channels", "std", "layout"],
)
def test_a_wrong_argument_is_named_with_what_was_expected(mean, std, layout, words):
    with pytest.raises(ValueError, match=words):
        normalize(np.zeros((4, 4, 3), np.uint8), mean, std, layout)
