import cv2
import numpy as np
import pytest
from PIL import Image

from pixelmill_kernels.ycbcr import rgb_to_ycbcr, ycbcr_to_rgb


@pytest.fixture(scope="module")
def everything():
    """All 16,777,216 triples of bytes."""
    codes = np.arange(1 << 24, dtype=np.uint32)
    triples = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], -1).astype(np.uint8)
    return triples.reshape(4096, 4096, 3)


def test_every_colour_there_is_has_pillows_luma_and_differences(everything):
    theirs = np.asarray(Image.fromarray(everything).convert("YCbCr"))
    np.testing.assert_array_equal(rgb_to_ycbcr(everything), theirs)


def test_every_luma_and_differences_have_pillows_colour(everything):
    picture = Image.frombytes("YCbCr", (4096, 4096), everything.tobytes())
    np.testing.assert_array_equal(ycbcr_to_rgb(everything), np.asarray(picture.convert("RGB")))


def test_the_formula_is_jpegs(rng):
    image = rng.integers(0, 256, (40, 33, 3), np.uint8)
    theirs = cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb)[..., [0, 2, 1]]
    # OpenCV rounds where Pillow cuts; the 64ths of three products may add up to another half level
    assert np.abs(rgb_to_ycbcr(image).astype(int) - theirs).max() <= 1


@pytest.mark.parametrize("kernel", [rgb_to_ycbcr, ycbcr_to_rgb], ids=lambda kernel: kernel.__name__)
def test_a_gray_image_is_refused(kernel):
    with pytest.raises(ValueError, match="image must have 3 or 4 channels, got 1"):
        kernel(np.zeros((2, 2, 1), np.uint8))
