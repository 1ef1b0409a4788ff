from io import BytesIO

import numpy as np
import pytest
from PIL import Image, JpegImagePlugin

from pixelmill.codecs import decode, encode, extension, peek, sniff
from pixelmill.codecs.options import Decode, Encode
from pixelmill.errors import EncodeError

KEEP = Decode(color="keep")


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "npy"])
@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_encoded_is_decoded_again(format, channels, photo):
    image = photo(channels=channels)
    data = encode(image, Encode(format, quality=95, subsampling="444"))
    assert sniff(data) == format
    decoded = decode(data, KEEP).image
    error = np.abs(decoded.astype(int) - image).mean()
    # mean levels on a grainy image: JPEG at quality 95 rounds, WebP halves the chroma besides
    assert error <= {"jpeg": 4, "png": 0, "webp": 6, "npy": 0}[format]


@pytest.mark.parametrize("format", ["jpeg", "png", "webp", "npy"])
def test_the_same_pixels_give_the_same_bytes_without_metadata(format, photo):
    first, again = encode(photo(), Encode(format)), encode(photo().copy(), Encode(format))
    assert first == again
    if format != "npy":
        image = Image.open(BytesIO(first))
        image.load()
        assert not image.getexif()
        assert not {"icc_profile", "exif", "xmp", "comment"} & set(image.info)


def test_jpeg_takes_quality_and_subsampling(photo):
    sizes = [len(encode(photo(), Encode(quality=quality))) for quality in (50, 75, 95)]
    assert sizes == sorted(sizes)
    for number, name in enumerate(("444", "422", "420")):
        image = Image.open(BytesIO(encode(photo(), Encode(subsampling=name))))
        assert JpegImagePlugin.get_sampling(image) == number


def test_gray_stays_one_component(photo):
    assert peek(encode(photo(channels=1), Encode("jpeg"))).color == "gray"
    assert peek(encode(photo(channels=1), Encode("png"))).color == "gray"


def test_jpeg_is_what_pillow_writes(photo, saved):
    ours, theirs = encode(photo(), Encode(quality=90)), saved(photo(), "JPEG", quality=90)
    levels = [np.asarray(Image.open(BytesIO(data))).astype(int) for data in (ours, theirs)]
    # the same tables and chroma, but below quality 96 TurboJPEG takes the fast DCT, Pillow the
    # accurate one, so that some coefficients round apart: below 1 level on average at quality 90
    assert np.abs(levels[0] - levels[1]).mean() < 1.5
    tables = [Image.open(BytesIO(data)).quantization for data in (ours, theirs)]
    assert tables[0] == tables[1]


def test_sixteen_bit_gray_goes_into_png_exactly(rng):
    image = rng.integers(0, 65536, (9, 7, 1), np.uint16)
    data = encode(image, Encode("png"))
    assert (decode(data, KEEP).image == image).all()
    assert (np.asarray(Image.open(BytesIO(data))) == image[..., 0]).all()


@pytest.mark.parametrize("format", ["png", "webp"])
def test_alpha_and_hidden_colours_survive_lossless_formats(format, photo):
    image = photo(channels=4)
    image[:20, :20, 3] = 0
    data = encode(image, Encode(format, lossless=True))
    assert (decode(data, KEEP).image == image).all()


@pytest.mark.parametrize(
    ("image", "format", "mend"),
    [
        (np.zeros((4, 4, 4), np.uint8), "jpeg", "take png or webp, or decode with color rgb"),
        (np.zeros((4, 4, 1), np.uint16), "jpeg", "take png"),
        (np.zeros((4, 4, 3), np.uint16), "png", "npy"),
        (np.zeros((4, 4, 1), np.uint16), "webp", "take png"),
        (np.zeros((4, 4, 3), np.float32), "jpeg", "take npy, or leave out the transform"),
        (np.zeros((4, 4, 3), np.float32), "png", "take npy, or leave out the transform"),
        (np.zeros((4, 4, 3), np.int32), "png", "take npy"),
        (np.zeros((4, 4), np.uint8), "png", r"\(height, width"),
        (np.zeros((0, 4, 3), np.uint8), "npy", r"\(height, width"),
        (np.zeros((1, 65501, 1), np.uint8), "jpeg", "at most 65500 pixels a side"),
        (np.zeros((1, 16384, 3), np.uint8), "webp", "at most 16383 pixels a side"),
    ],
    ids=lambda value: str(getattr(value, "shape", value)),
)
def test_what_a_format_cannot_hold_is_refused_with_the_way_out(image, format, mend):
    with pytest.raises(EncodeError, match=mend):
        encode(image, Encode(format))


def test_views_are_encoded_like_their_copies(photo):
    view = photo()[::-1, ::2]
    for format in ("jpeg", "png", "npy"):
        assert encode(view, Encode(format)) == encode(view.copy(), Encode(format))


def test_the_extension_is_what_readers_know():
    assert [extension(f) for f in ("jpeg", "png", "webp", "npy")] == ["jpg", "png", "webp", "npy"]
    with pytest.raises(ValueError, match="not settled"):
        extension("keep")
