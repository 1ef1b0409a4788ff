import io

import numpy as np
import pytest
from PIL import Image
from scipy import fft

from pixelmill_kernels._dct import _quantise, scales
from pixelmill_kernels.artefacts import CHROMA, LUMA, _quantisation, jpeg_artefacts


def photograph(height, width, channels=3):
    """Slopes, edges and noise, as photographs have."""
    rng = np.random.default_rng(3)
    slope = np.add.outer(np.arange(height) * 0.21, np.arange(width) * 0.13)
    waves = 90 * np.sin(slope[..., None] / [9, 23, 57, 11][:channels]) + 128
    waves[height // 3 :, width // 2 :] += 40
    return np.clip(waves + rng.normal(0, 5, waves.shape), 0, 255).astype(np.uint8)


def pillow(image, quality, subsample=True):
    """What Pillow's own JPEG makes of an image, and the file."""
    file = io.BytesIO()
    Image.fromarray(image if image.shape[2] == 3 else image[..., 0]).save(
        file, "JPEG", quality=quality, subsampling=2 if subsample else 0
    )
    with Image.open(file) as opened:
        return np.asarray(opened).reshape(image.shape), opened.quantization


def psnr(a, b):
    return 10 * np.log10(255**2 / max(((a.astype(float) - b) ** 2).mean(), 1e-9))


def test_the_tables_are_libjpegs_at_every_quality():
    image = photograph(16, 16)
    for quality in range(1, 101):
        tables = pillow(image, quality)[1]
        for n, table in enumerate((LUMA, CHROMA)):
            assert _quantisation(table, quality).ravel().tolist() == list(tables[n])


@pytest.mark.parametrize("quality", [5, 30, 50, 75, 90, 100])
@pytest.mark.parametrize(("subsample", "least"), [(True, 47), (False, 43)])
def test_the_image_is_pillows_jpeg(quality, subsample, least):
    for size in ((160, 240), (117, 203)):
        image = photograph(*size)
        theirs = pillow(image, quality, subsample)[0]
        ours = jpeg_artefacts(image, quality, subsample)
        # libjpeg's transform rounds to integers: a coefficient between two steps may go the other
        # way.  The image itself is always farther away, by 8 dB and more.
        assert psnr(ours, theirs) > least
        assert psnr(ours, theirs) > psnr(image, theirs) + (1 if quality == 100 else 8)


@pytest.mark.parametrize("quality", [10, 50, 95])
def test_a_gray_image_is_pillows_gray_jpeg(quality):
    image = photograph(100, 93, 1)
    assert psnr(jpeg_artefacts(image, quality), pillow(image, quality)[0]) > 48


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1), (2, 2), (8, 8), (15, 17), (16, 257)])
def test_sides_that_no_block_fits_are_as_pillow_has_them(size):
    image = photograph(*size)
    # 38 dB: in so few pixels one coefficient that goes the other way counts for much
    assert psnr(jpeg_artefacts(image, 80), pillow(image, 80)[0]) > 38
    assert psnr(jpeg_artefacts(image, 80, False), pillow(image, 80, False)[0]) > 38


def test_blocks_are_transformed_by_the_cosine_transform(rng):
    plane = rng.integers(0, 256, (24, 312), np.uint8)
    table = rng.integers(1, 60, (8, 8))
    blocks = plane.reshape(3, 8, 39, 8).transpose(0, 2, 1, 3) - 128.0
    numbers = fft.dctn(blocks, axes=(2, 3), norm="ortho") / table
    kept = np.sign(numbers) * np.floor(np.abs(numbers) + 0.5) * table
    back = fft.idctn(kept, axes=(2, 3), norm="ortho").transpose(0, 2, 1, 3).reshape(plane.shape)
    _quantise(plane, scales(table))
    # float32 sends a number between two steps the other way now and then; the rest is rounding
    off = np.abs(plane - np.clip(back + 128, 0, 255))
    assert (off > 0.51).mean() < 0.02
    assert np.median(off) < 0.3


def test_a_flat_image_stays_flat():
    image = np.full((33, 47, 3), 77, np.uint8)
    out = jpeg_artefacts(image, 100)
    np.testing.assert_array_equal(out, image)
    assert np.ptp(jpeg_artefacts(image, 20).reshape(-1, 3), axis=0).tolist() == [0, 0, 0]


def test_lower_quality_is_farther_from_the_image():
    image = photograph(120, 160)
    distances = [psnr(jpeg_artefacts(image, quality), image) for quality in (5, 20, 50, 80, 95)]
    assert distances == sorted(distances)


def test_alpha_stays_and_colours_do_not_know_of_it():
    image = photograph(40, 50, 4)
    out = jpeg_artefacts(image, 40)
    np.testing.assert_array_equal(out[..., 3], image[..., 3])
    rgb = np.ascontiguousarray(image[..., :3])
    np.testing.assert_array_equal(out[..., :3], jpeg_artefacts(rgb, 40))


@pytest.mark.parametrize("quality", [0, 101])
def test_another_quality_is_refused(quality):
    with pytest.raises(ValueError, match=f"quality must be 1 to 100, got {quality}"):
        jpeg_artefacts(np.zeros((4, 4, 3), np.uint8), quality)


def test_16_bits_are_refused():
    with pytest.raises(TypeError, match="image must be uint8, got uint16"):
        jpeg_artefacts(np.zeros((4, 4, 3), np.uint16), 50)
