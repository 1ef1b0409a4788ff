import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageEnhance

from pixelmill_kernels import _tables, blend
from pixelmill_kernels.blend import brightness, contrast, saturation

PILLOW = {
    brightness: ImageEnhance.Brightness,
    contrast: ImageEnhance.Contrast,
    saturation: ImageEnhance.Color,
}
FACTORS = [0, 0.3, 0.999, 1, 1.7, 3, 1000]
every_kernel = pytest.mark.parametrize("kernel", PILLOW, ids=lambda kernel: kernel.__name__)


def pillows(kernel, image, factor):
    picture = Image.fromarray(image[..., 0] if image.shape[2] == 1 else image)
    return np.asarray(PILLOW[kernel](picture).enhance(factor)).reshape(image.shape)


@every_kernel
@given(
    seed=st.integers(0, 2**32),
    height=st.integers(1, 24),
    width=st.integers(1, 24),
    channels=st.sampled_from([1, 3, 4]),
    factor=st.floats(0, 4) | st.sampled_from(FACTORS),
)
@settings(max_examples=40, deadline=None)
@pytest.mark.plain_pillow
def test_every_byte_is_pillows(kernel, seed, height, width, channels, factor):
    image = np.random.default_rng(seed).integers(0, 256, (height, width, channels), np.uint8)
    np.testing.assert_array_equal(kernel(image, factor), pillows(kernel, image, factor))


@every_kernel
@pytest.mark.parametrize("factor", [0.4, 1.3])
@pytest.mark.plain_pillow
def test_every_byte_of_every_colour_in_steps_of_five_is_pillows(kernel, factor):
    levels = np.arange(0, 256, 5, np.uint8)  # the grays of these run through all residues
    image = np.stack(np.meshgrid(levels, levels, levels), -1).reshape(52, -1, 3)
    np.testing.assert_array_equal(kernel(image, factor), pillows(kernel, image, factor))


@pytest.mark.parametrize("channels", [1, 3, 4])
@pytest.mark.parametrize("level", [0, 131])
def test_computed_and_looked_up_levels_are_the_same_bytes(rng, level, channels):
    image = rng.integers(0, 256, 37 * 29 * channels, np.uint8)
    for factor in np.float32([0, 0.3, 1, 1.7, 256]):
        lines = np.empty((2, blend.PERIOD), np.float32)
        tables, out = np.empty(blend._tables_of(channels), np.uint8), np.zeros((2, image.size))
        computed, looked_up = out.astype(np.uint8)
        blend._fill_line(np.float32(level), factor, channels, *lines, tables)
        blend._stripes(image, *lines, computed)
        _tables._look_up(image, tables, channels if channels == 4 else 1, looked_up)
        np.testing.assert_array_equal(computed, looked_up)


@pytest.mark.parametrize("factor", [-0.1, float("nan")])
@every_kernel
def test_a_factor_below_nothing_is_refused(kernel, factor):
    with pytest.raises(ValueError, match="factor must be 0 or more, got"):
        kernel(np.zeros((2, 2, 3), np.uint8), factor)
