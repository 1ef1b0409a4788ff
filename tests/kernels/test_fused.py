"""The oracle is the same steps one by one, byte for byte; each of them has tests of its own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelmill_kernels.fused import resize_normalize
from pixelmill_kernels.geometry import flip
from pixelmill_kernels.normalize import normalize
from pixelmill_kernels.resize import FILTERS, resize

MEAN, STD = (0.485, 0.456, 0.406, 0.5), (0.229, 0.224, 0.225, 0.25)


def image_of(height, width, channels=3, dtype=np.uint8):
    rng = np.random.default_rng(height * 1000 + width)
    if dtype == np.float32:
        return rng.random((height, width, channels), np.float32)
    return rng.integers(0, np.iinfo(dtype).max + 1, (height, width, channels), dtype)


def one_by_one(image, size, mirror, layout, dtype, filter="bicubic", **how):
    levels = resize(image, size, filter, **how)
    levels = flip(levels) if mirror else levels
    channels = image.shape[2]
    return normalize(levels, MEAN[:channels], STD[:channels], layout).astype(dtype)


def in_one(image, size, mirror, layout, dtype, filter="bicubic", **how):
    mean, std = (numbers[: image.shape[2]] for numbers in (MEAN, STD))
    return resize_normalize(
        image, size, mean, std, filter, mirror=mirror, layout=layout, dtype=dtype, **how
    )


sides = st.integers(1, 40)


@settings(max_examples=50, deadline=None)
@given(
    st.tuples(sides, sides), st.tuples(sides, sides), st.sampled_from(FILTERS), st.booleans(),
    st.sampled_from(["chw", "hwc"]), st.sampled_from([np.float32, np.float16]),
    st.randoms(use_true_random=False),
)  # fmt: skip
def test_the_same_bytes_as_resize_flip_and_normalize(
    before, size, filter, mirror, layout, dtype, draw
):
    def rectangle(height, width):
        top, left = draw.randrange(height), draw.randrange(width)
        return top, left, draw.randint(1, height - top), draw.randint(1, width - left)

    how = {"filter": filter, "crop": rectangle(*before), "window": rectangle(*size)}
    how["antialias"] = draw.random() < 0.7
    image = image_of(*before)
    got = in_one(image, size, mirror, layout, dtype, **how)
    expected = one_by_one(image, size, mirror, layout, dtype, **how)
    assert (got.dtype, got.shape) == (expected.dtype, expected.shape)
    assert got.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("channels", "kind"), [(1, np.uint8), (4, np.uint8), (1, np.uint16), (3, np.float32)]
)
def test_every_kind_of_image_in_every_layout(channels, kind):
    image = image_of(61, 83, channels, kind)
    for size in ((40, 50), (33, 9), (90, 100), (61, 83), (61, 40)):
        for layout in ("chw", "hwc"):
            got = in_one(image, size, True, layout, np.float32)
            assert got.tobytes() == one_by_one(image, size, True, layout, np.float32).tobytes()


@pytest.mark.parametrize("filter", ["bicubic", "nearest", "box"])
@pytest.mark.parametrize("dtype", [np.float32, np.float16], ids=lambda dtype: dtype.__name__)
def test_all_of_out_is_written_and_nothing_around_it(filter, dtype):
    image = image_of(64, 80)
    for size in ((32, 40), (17, 5), (50, 33)):
        room = np.full((5, *size), 77, dtype)
        out = room[1:4]
        got = resize_normalize(image, size, MEAN[:3], STD[:3], filter, dtype=dtype, out=out)
        assert got is out
        assert (room[[0, 4]] == 77).all()
        assert out.tobytes() == in_one(image, size, False, "chw", dtype, filter).tobytes()


def test_nothing_around_the_image_is_read():
    size, around = (20, 31), np.random.default_rng(0)
    expected = in_one(image_of(45, 70), size, False, "chw", np.float32)
    for _ in range(3):
        room = around.integers(0, 256, (49, 70, 3), np.uint8)
        room[2:-2] = image_of(45, 70)
        assert in_one(room[2:-2], size, False, "chw", np.float32).tobytes() == expected.tobytes()


def test_an_image_that_is_read_only_is_taken():
    image = image_of(45, 70)
    expected = in_one(image, (20, 31), False, "chw", np.float32)
    image.flags.writeable = False
    np.testing.assert_array_equal(in_one(image, (20, 31), False, "chw", np.float32), expected)


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"layout": "nchw"}, ValueError, "layout must be one of chw, hwc, got 'nchw'"),
        ({"dtype": np.float64}, TypeError, "dtype must be float32 or float16, got float64"),
        ({"mean": (0.5,)}, ValueError, "one number for each of 3 channels"),
        ({"std": (0.5, 0, 0.5)}, ValueError, "std must be above 0"),
        ({"size": (0, 4)}, ValueError, "must be 1 x 1 or more"),
        ({"filter": "cubic"}, ValueError, "filter must be one of"),
        ({"crop": (0, 0, 9, 99)}, ValueError, "crop .* must lie within 40 x 30"),
        ({"out": np.empty((20, 20, 3), np.float32)}, ValueError, r"out must be .*\(3, 20, 20\)"),
        ({"image": np.zeros((40, 60, 3), np.uint8)[:, ::2]}, ValueError, "ascontiguous"),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_wrong_argument_is_named_with_what_was_expected(change, error, words):
    arguments = {"image": np.zeros((40, 30, 3), np.uint8), "size": (20, 20)}
    arguments |= {"mean": MEAN[:3], "std": STD[:3]} | change
    with pytest.raises(error, match=words):
        resize_normalize(**arguments)
