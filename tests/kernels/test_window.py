import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit

from pixelmill_kernels.lookup import _levels_of
from pixelmill_kernels.window import FUNCTIONS, _table, window


def by_the_standard(x, center, width, function, top):
    """DICOM PS3.3 C.11.2.1.2.1 to C.11.2.1.3.2, in its own words, for one value."""
    if function == "sigmoid":
        return top * expit(4 * (x - center) / width)
    if function == "linear":
        if x <= center - 0.5 - (width - 1) / 2:
            return 0
        if x > center - 0.5 + (width - 1) / 2:
            return top
        return ((x - (center - 0.5)) / (width - 1) + 0.5) * top
    if x <= center - width / 2:
        return 0
    if x > center + width / 2:
        return top
    return ((x - center) / width + 0.5) * top


@settings(max_examples=60, deadline=None, derandomize=True)
@given(
    st.sampled_from(["linear", "linear_exact", "sigmoid"]),
    st.sampled_from([np.uint8, np.uint16, np.int16]),
    st.floats(-2000, 5000),
    st.floats(1, 5000),
    st.sampled_from([(1, 0), (1, -1024), (0.5, 3.25), (-2, 100)]),
    st.sampled_from([1, 8, 12, 16]),
)
def test_every_value_is_where_the_standard_puts_it(function, dtype, center, width, line, bits):
    ends, top = np.iinfo(dtype), 2**bits - 1
    stored = np.unique(np.linspace(ends.min, ends.max, 97).astype(dtype)).reshape(1, -1, 1)
    found = window(stored, center, width, function, slope=line[0], intercept=line[1], bits=bits)
    values = stored.ravel().astype(float) * line[0] + line[1]
    expected = [by_the_standard(x, center, width, function, top) for x in values]
    # half a level of rounding, and where it falls on a half, the last bit of float64
    assert abs(found.ravel() - np.array(expected)).max() <= 0.5 + 1e-9
    assert found.dtype == (np.uint8 if bits <= 8 else np.uint16)


def test_the_examples_of_the_standard():
    # C.11.2.1.2.1: center 2048, width 4096 spans exactly 0..4095
    stored = np.array([0, 1, 2047, 2048, 4094, 4095, 5000], np.uint16).reshape(1, -1, 1)
    found = window(stored, 2048, 4096, bits=12)
    assert found.ravel().tolist() == [0, 1, 2047, 2048, 4094, 4095, 4095]
    # center 2048, width 1 is a threshold: below it black, from it on white
    assert window(stored, 2048, 1).ravel().tolist() == [0, 0, 0, 255, 255, 255, 255]
    # center 0, width 100 of signed values: LINEAR spans -50..49
    signed = np.array([-51, -50, -49, 48, 49, 50], np.int16).reshape(1, -1, 1)
    assert window(signed, 0, 100, bits=16).ravel().tolist() == [0, 0, 662, 64873, 65535, 65535]


def test_inversion_comes_last():
    stored = np.arange(0, 300, dtype=np.uint16).reshape(1, -1, 1)
    plain = window(stored, 128, 256)
    np.testing.assert_array_equal(window(stored, 128, 256, invert=True), 255 - plain)
    twelve = window(stored, 100, 90, bits=12)
    np.testing.assert_array_equal(window(stored, 100, 90, bits=12, invert=True), 4095 - twelve)


def test_a_sigmoid_is_half_at_its_center():
    stored = np.array([0, 1000, 65535], np.uint16).reshape(1, -1, 1)
    found = window(stored, 1000, 200, "sigmoid", bits=16)
    assert found.ravel().tolist() == [0, 32768, 65535]


@pytest.mark.parametrize(
    ("arguments", "options", "words"),
    [
        ((10, 0.5), {}, "width must be 1 or more for linear, got 0.5"),
        ((10, 0, "sigmoid"), {}, "width must be above 0 for sigmoid, got 0"),
        ((10, 5, "cubic"), {}, "function must be one of linear, linear_exact, sigmoid"),
        ((10, 5), {"bits": 17}, "bits must be 1 to 16, got 17"),
        ((float("nan"), 5), {}, "numbers must be finite"),
    ],
    ids=["width", "sigmoid", "function", "bits", "nan"],
)
def test_a_wrong_argument_is_named_with_what_was_expected(arguments, options, words):
    with pytest.raises(ValueError, match=words):
        window(np.zeros((4, 4, 1), np.uint16), *arguments, **options)


WINDOWS = [
    (function, center, width, slope, bits, invert)
    for function in ("linear", "linear_exact")
    for center, width in (
        (40, 400),
        (2000, 3000),
        (-600, 1500),
        (0.25, 1.5),
        (32768, 65536),
        (3, 1),
    )
    for slope in (1, -0.5)
    for bits, invert in ((8, False), (8, True), (1, False), (12, True), (16, False))
]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16], ids=lambda d: d.__name__)
def test_a_line_is_followed_only_where_it_is_the_table_to_the_bit(dtype):
    stored = _levels_of(np.dtype(dtype)).astype(dtype)
    straight = []
    for function, center, width, slope, bits, invert in WINDOWS:
        kind = FUNCTIONS.index(function), float(center), float(width), float(slope), 7.0
        table, line = _table(np.dtype(dtype), *kind, bits, invert)
        options = {"slope": slope, "intercept": 7, "bits": bits, "invert": invert}
        found = window(stored.reshape(1, -1, 1), center, width, function, **options)
        np.testing.assert_array_equal(found.ravel(), table[0])
        straight.append(line is not None)
    assert 0 < sum(straight) < len(straight)  # both ways were gone


@pytest.mark.parametrize("count", [1, 15, 16, 17, 31, 33])
def test_an_image_of_any_size_is_written_whole_and_nothing_beside_it(rng, count):
    stored = rng.integers(-1000, 1000, (1, count, 1), np.int16)
    room = np.full(count + 40, 99, np.uint8)
    out = room[20:-20].reshape(1, count, 1)
    assert window(stored, 40, 400, out=out) is out
    expected = [by_the_standard(x, 40, 400, "linear", 255) for x in stored.ravel().tolist()]
    assert abs(out.ravel() - np.array(expected)).max() <= 0.5 + 1e-9
    assert (room[:20] == 99).all()
    assert (room[-20:] == 99).all()
