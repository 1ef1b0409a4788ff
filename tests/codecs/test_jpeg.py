from io import BytesIO

import numpy as np
import pytest
import simplejpeg
from PIL import Image

from pixelmill.codecs import decode, peek
from pixelmill.codecs.jpeg import scale_factor
from pixelmill.codecs.options import Decode
from pixelmill.errors import DecodeError

KEEP, GRAY = Decode(color="keep"), Decode(color="gray")


def spread(a, b):
    return int(np.abs(a.astype(int) - b.astype(int)).max())


@pytest.mark.parametrize("progressive", [False, True], ids=["baseline", "progressive"])
@pytest.mark.parametrize("subsampling", [0, 1, 2], ids=["444", "422", "420"])
def test_rgb_equals_pillows(subsampling, progressive, photo, saved, pixels):
    data = saved(photo(), "JPEG", quality=90, subsampling=subsampling, progressive=progressive)
    decoded = decode(data, Decode())
    # Both are libjpeg-turbo with the accurate DCT and fancy upsampling, but of two builds: merged
    # and SIMD upsampling may round the last bit of a level differently.
    assert spread(decoded.image, pixels(data)) <= 1
    assert decoded.notes == ()
    assert decoded.image.flags.c_contiguous
    assert decoded.image.flags.writeable


def test_gray_is_one_channel_or_expanded(photo, saved, pixels):
    data = saved(photo(channels=1), "JPEG")
    kept, gray, rgb = (decode(data, options) for options in (KEEP, GRAY, Decode()))
    assert spread(kept.image, pixels(data)) <= 1
    assert (kept.image == gray.image).all()
    assert (rgb.image == kept.image).all()
    assert [d.image.shape[2] for d in (kept, gray, rgb)] == [1, 1, 3]
    assert [d.notes for d in (kept, gray, rgb)] == [(), (), ("gray_expanded",)]


def test_gray_of_a_colour_jpeg_is_its_y(photo, saved):
    data = saved(photo(), "JPEG", quality=95)
    image = Image.open(BytesIO(data))
    image.draft("L", None)
    decoded = decode(data, GRAY)
    assert spread(decoded.image[..., 0], np.asarray(image)) <= 1


def as_cmyk(photo):
    """Ink levels with some black, (height, width, 4)."""
    rgb = photo().astype(int)
    black = (255 - rgb.max(axis=2, keepdims=True)) // 2
    return np.concatenate([255 - rgb - black, black], axis=2).clip(0, 255).astype(np.uint8)


def test_cmyk_is_converted_as_pillow_does(photo, saved, pixels):
    ink = as_cmyk(photo)
    height, width, _ = ink.shape
    image = Image.frombuffer("CMYK", (width, height), ink.tobytes(), "raw", "CMYK", 0, 1)
    data = saved(image, "JPEG", quality=95)
    assert peek(data).color == "cmyk"
    decoded = decode(data, Decode())
    assert decoded.notes == ("cmyk_converted",)
    assert spread(decoded.image, pixels(data, "RGB")) <= 1
    formula = (255 - ink[..., :3].astype(float)) * (255 - ink[..., 3:].astype(float)) / 255
    # quality 95 without chroma subsampling: the mean error of the levels stays small
    assert np.abs(decoded.image - formula).mean() < 4


def test_ycck_is_converted_as_pillow_does(photo, pixels):
    # libjpeg-turbo stores CMYK input as YCCK (Adobe transform 2); Pillow cannot write that.
    ink = as_cmyk(photo)
    data = simplejpeg.encode_jpeg(255 - ink, 95, "CMYK", "444")
    assert peek(data).color == "ycck"
    decoded = decode(data, Decode())
    assert spread(decoded.image, pixels(data, "RGB")) <= 1
    formula = (255 - ink[..., :3].astype(float)) * (255 - ink[..., 3:].astype(float)) / 255
    assert np.abs(decoded.image - formula).mean() < 4


BY_NUMPY = {  # EXIF 2.32, tag 0x0112: where the stored row 0 and column 0 are shown
    1: lambda a: a,
    2: lambda a: np.fliplr(a),
    3: lambda a: np.rot90(a, 2),
    4: lambda a: np.flipud(a),
    5: lambda a: np.transpose(a, (1, 0, 2)),
    6: lambda a: np.rot90(a, -1),
    7: lambda a: np.rot90(np.transpose(a, (1, 0, 2)), 2),
    8: lambda a: np.rot90(a, 1),
}


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF"])
@pytest.mark.parametrize("orientation", BY_NUMPY)
@pytest.mark.parametrize("color", ["rgb", "gray"])
def test_orientation_turns_the_pixels_or_is_noted(color, orientation, format, photo, saved):
    tags = Image.Exif()
    tags[0x0112] = orientation
    data, plain = saved(photo(), format, exif=tags), saved(photo(), format)
    stored = decode(plain, Decode(color=color)).image
    shown = decode(data, Decode(color=color))
    left = decode(data, Decode(color=color, orientation="ignore"))
    # A TIFF is turned by Pillow before it becomes gray, and Pillow-SIMD rounds RGB to gray in the
    # last bit otherwise at the end of a row; everything else is equal.
    apart = 1 if (format, color) == ("TIFF", "gray") else 0
    assert spread(shown.image, BY_NUMPY[orientation](stored)) <= apart
    assert shown.image.flags.c_contiguous
    assert spread(left.image, stored) <= apart
    assert ("orientation_applied" in shown.notes) == (orientation != 1)
    assert ("orientation_ignored" in left.notes) == (orientation != 1)


@pytest.mark.parametrize("size", [(1001, 803), (640, 480), (97, 8), (9, 15), (8, 1)], ids=str)
@pytest.mark.parametrize("factor", [1, 2, 4, 8])
def test_only_the_wanted_scale_is_decoded(size, factor, photo, saved):
    height, width = size
    data = saved(photo(height, width), "JPEG", quality=90)
    least = -(-height // factor), -(-width // factor)
    decoded = decode(data, Decode(), least=least)
    scale = scale_factor(height, width, *least)
    assert decoded.image.shape[:2] == (-(-height // scale), -(-width // scale))
    assert scale >= factor  # larger only where ceil gives one size for both
    image = Image.open(BytesIO(data))
    if scale > 1:
        image.draft("RGB", least[::-1])
    if image.size == decoded.image.shape[1::-1]:
        assert spread(decoded.image, np.asarray(image)) <= 1
    assert ("scaled_decode" in decoded.notes) == (scale > 1)


@pytest.mark.parametrize(
    ("least", "factor"),
    [((251, 201), 4), ((300, 100), 2), ((100, 300), 2), ((501, 402), 2), ((502, 1), 1)],
)
def test_a_scaled_image_is_never_smaller_than_asked(least, factor, photo, saved):
    data = saved(photo(1001, 803), "JPEG")
    image = decode(data, Decode(), least=least).image
    # never 3/8 or 5/8, which simplejpeg would choose by itself
    assert image.shape == (-(-1001 // factor), -(-803 // factor), 3)


def test_least_is_of_the_displayed_image(photo, saved):
    tags = Image.Exif()
    tags[0x0112] = 6
    data = saved(photo(400, 100), "JPEG", exif=tags)
    assert decode(data, Decode(), least=(50, 200)).image.shape == (50, 200, 3)
    assert decode(data, Decode(), least=(200, 50)).image.shape == (100, 400, 3)


def test_exact_scale_and_too_small_sources_are_decoded_in_full(photo, saved):
    data = saved(photo(400, 100), "JPEG")
    for options, least in ((Decode(scale="exact"), (10, 10)), (Decode(), (201, 10))):
        decoded = decode(data, options, least=least)
        assert decoded.image.shape == (400, 100, 3)
        assert decoded.notes == ()


@pytest.mark.parametrize("progressive", [False, True], ids=["baseline", "progressive"])
@pytest.mark.parametrize("eighth", range(8))
def test_a_cut_file_is_refused_and_never_gray(eighth, progressive, photo, saved):
    data = saved(photo(200, 300), "JPEG", quality=90, progressive=progressive)
    with pytest.raises(DecodeError):
        decode(data[: len(data) * eighth // 8], Decode())


@pytest.mark.parametrize("progressive", [False, True], ids=["baseline", "progressive"])
def test_a_file_cut_anywhere_is_refused_or_whole(progressive, photo, saved):
    data = saved(photo(40, 56), "JPEG", quality=90, progressive=progressive)
    whole, refused = decode(data, Decode()).image, 0
    for end in range(len(data)):
        try:
            assert spread(decode(data[:end], Decode()).image, whole) <= 1
        except DecodeError:
            refused += 1
    assert refused >= len(data) - 4  # only the end marker and a last padding byte can be spared


def test_a_cut_file_that_was_closed_again_is_refused_too(photo, saved):
    # Pillow alone fills the missing half with gray and says nothing.
    data = saved(photo(200, 300), "JPEG", quality=90)
    with pytest.raises(DecodeError, match="premature end of data segment"):
        decode(data[: len(data) // 2] + b"\xff\xd9", Decode())


def test_harmless_oddities_get_pillows_opinion(photo, saved):
    data = saved(photo(), "JPEG", quality=90)
    table = data.index(b"\xff\xdb")
    odd = data[:table] + b"abc" + data[table:]
    with pytest.raises(ValueError, match="extraneous"):
        simplejpeg.decode_jpeg(odd)
    assert spread(decode(odd, Decode()).image, decode(data, Decode()).image) <= 1
    assert (decode(data + b"trailer", Decode()).image == decode(data, Decode()).image).all()


def test_a_process_that_lets_pillow_read_cut_files_does_not_get_gray(photo, saved, monkeypatch):
    data = saved(photo(200, 300), "JPEG")
    monkeypatch.setattr("PIL.ImageFile.LOAD_TRUNCATED_IMAGES", True)
    with pytest.raises(DecodeError, match="set it to False"):
        decode(data[: len(data) // 2], Decode())
    assert decode(data, Decode()).image.shape == (200, 300, 3)
