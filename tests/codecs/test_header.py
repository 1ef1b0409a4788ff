import struct
import zlib

import numpy as np
import pytest
import simplejpeg
from PIL import Image, features

from pixelmill.codecs import decode, faithful, peek
from pixelmill.codecs.options import Decode
from pixelmill.errors import DecodeError, LimitError

KEEP = Decode(color="keep")


def exif(orientation, order="<", kind=3):
    """An EXIF block of one entry, as TIFF 6.0 lays it out."""
    head = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    value = struct.pack(order + {3: "HH", 4: "I"}[kind], *([orientation, 0][: 5 - kind]))
    return head + struct.pack(order + "HHHI", 1, 0x0112, kind, 1) + value + b"\0" * 4


@pytest.mark.parametrize("format", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_read_from_every_format_that_has_it(format, orientation, photo, saved):
    if format == "AVIF" and not features.check("avif"):
        pytest.skip("this Pillow is built without AVIF")
    tags = Image.Exif()
    tags[0x0112] = orientation
    header = peek(saved(photo(32, 48), format, exif=tags))
    assert (header.height, header.width) == (32, 48)
    assert header.orientation == orientation
    shown = (48, 32) if orientation >= 5 else (32, 48)
    assert header.displayed(Decode()) == shown
    assert header.displayed(Decode(orientation="ignore")) == (32, 48)


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("kind", [3, 4], ids=["short", "long"])
def test_orientation_is_read_in_either_byte_order_and_width(order, kind, photo, saved):
    data = saved(photo(), "JPEG", exif=b"Exif\0\0" + exif(6, order, kind))
    assert peek(data).orientation == 6


@pytest.mark.parametrize("senseless", [0, 9, 255, 65535])
def test_a_senseless_orientation_counts_as_upright(senseless, photo, saved):
    assert peek(saved(photo(), "JPEG", exif=b"Exif\0\0" + exif(senseless))).orientation == 1


@pytest.mark.parametrize("cut", range(26))
def test_a_cut_exif_block_counts_as_upright_or_is_whole_enough(cut, photo, saved):
    data = saved(photo(), "JPEG", exif=b"Exif\0\0" + exif(6)[:cut])
    assert peek(data).orientation == (6 if cut >= 22 else 1)


@pytest.mark.parametrize("format", ["JPEG", "PNG", "GIF", "WEBP", "TIFF", "BMP"])
def test_size_colours_and_channels_agree_with_what_is_decoded(format, photo, saved):
    for channels in (1, 3, 4):
        if channels == 4 and format in ("JPEG", "BMP"):
            continue
        image = photo(channels=channels)
        image[:9, :9, -1] = 0
        data = saved(image, format)
        header, decoded = peek(data), decode(data, KEEP).image
        assert decoded.shape == (header.height, header.width, header.channels)
        assert header.alpha == (channels == 4)


def test_progressive_and_icc_are_seen(photo, saved):
    plain, rich = saved(photo(), "JPEG"), saved(photo(), "JPEG", progressive=True, icc_profile=b"x")
    assert not peek(plain).progressive
    assert not peek(plain).icc
    assert peek(rich).progressive
    assert peek(rich).icc
    for format in ("PNG", "WEBP", "TIFF"):
        assert peek(saved(photo(), format, icc_profile=b"x" * 200)).icc, format


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF"])
def test_several_frames_are_seen(format, photo, saved):
    first, second = Image.fromarray(photo(9, 11)), Image.fromarray(photo(9, 11)[::-1])
    assert peek(saved(first, format)).frames == 1
    assert peek(saved(first, format, save_all=True, append_images=[second])).frames > 1


def marker(code, body):
    return b"\xff" + bytes([code]) + (len(body) + 2).to_bytes(2, "big") + body


def test_garbage_between_markers_is_stepped_over_as_libjpeg_does(photo, saved):
    data = saved(photo(), "JPEG")
    for garbage in (
        b"\xff\xff\xff",
        b"abc",
        b"\xff\x00",
        b"\xff\xd0",
        marker(0xE5, b"\xff\xc0" * 9),
    ):
        odd = data[:20] + garbage + data[20:]  # after APP0
        assert peek(odd)[:3] == ("jpeg", 83, 61)
        assert simplejpeg.decode_jpeg_header(odd, strict=False)[:2] == (61, 83)


def test_a_mutated_header_never_claims_another_size_than_libjpeg_allocates(photo, saved, rng):
    # What the limit is checked on must be what the decoder will allocate.
    data = saved(photo(17, 19), "JPEG", exif=b"Exif\0\0" + exif(6))
    end, agreed = data.index(b"\xff\xda"), 0
    for _ in range(3000):
        odd = bytearray(data)
        for _ in range(rng.integers(1, 4)):
            odd[rng.integers(2, end)] = rng.choice([0, 1, 0xC0, 0xC2, 0xD8, 0xDA, 0xFF, 77])
        try:
            height, width = simplejpeg.decode_jpeg_header(bytes(odd), strict=False)[:2]
        except (ValueError, KeyError):  # KeyError: a colour space that simplejpeg has no name for
            continue
        try:
            header = peek(bytes(odd))
        except DecodeError:
            continue
        assert (header.height, header.width) == (height, width)
        agreed += 1
    assert agreed > 500


def frame(height, width, components=3, precision=8):
    body = struct.pack(">BHHB", precision, height, width, components)
    body += b"".join(bytes([c + 1, 0x11, 0]) for c in range(components))
    return b"\xff\xd8" + marker(0xC0, body) + marker(0xDA, b"\0" * 10) + b"\0" * 900 + b"\xff\xd9"


def ihdr(width, height, depth=8, kind=2):
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, 0)
    crc = struct.pack(">I", zlib.crc32(body))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + body + crc + b"\0\0\0\0IEND\xaeB`\x82"


def webp(width, height):
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    body = b"VP8X" + struct.pack("<I", 10) + b"\0\0\0\0" + canvas
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def bmp(width, height):
    body = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54, 0, 0, 54) + body


def tiff(width, height):
    tags = [(256, width), (257, height), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1)]
    tags += [(278, height), (279, 1)]
    body = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags)
    return b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + body + b"\0" * 4


def gif_of(width, height, dispose=0):
    control = b"\x21\xf9\x04" + bytes([dispose << 2, 0, 0, 0, 0])
    image = b"\x2c" + struct.pack("<HHHHB", 0, 0, width, height, 0)
    return b"GIF89a" + struct.pack("<HHBBB", 1, 1, 0, 0, 0) + control + image + b"\x02\x01\0\0;"


HOSTILE = {
    "jpeg": frame(65535, 65535),
    "png": ihdr(2**31 - 1, 2**31 - 1),
    "webp": webp(2**24, 2**24),
    "bmp": bmp(2**30, 2**30),
    "tiff": tiff(2**31, 2**31),
    "gif": gif_of(65535, 65535, dispose=2),
}


@pytest.mark.parametrize("format", HOSTILE)
def test_a_hostile_size_is_refused_before_anything_is_allocated(format, monkeypatch):
    def never(*_, **__):
        raise AssertionError("pixels were about to be allocated")

    monkeypatch.setattr(simplejpeg, "decode_jpeg", never)
    monkeypatch.setattr(Image.core, "new", never)
    monkeypatch.setattr(Image.core, "fill", never)
    with pytest.raises(LimitError, match=r"pixels, more than the limit of .*decode\.max_pixels"):
        decode(HOSTILE[format], Decode())


def test_the_limit_is_pixels_not_sides(photo, saved):
    data = saved(photo(50, 40), "PNG")
    assert decode(data, Decode(max_pixels=2000)).image.shape == (50, 40, 3)
    with pytest.raises(LimitError, match="40 x 50 = 2,000 pixels, more than the limit of 1,999"):
        decode(data, Decode(max_pixels=1999))


def test_pillows_own_limit_neither_interferes_nor_changes(photo, saved, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    for format in ("PNG", "BMP", "GIF"):
        assert decode(saved(photo(), format), Decode()).image.shape == (61, 83, 3)
    assert Image.MAX_IMAGE_PIXELS == 100


@pytest.mark.parametrize("data", [frame(0, 5), frame(5, 0), ihdr(0, 5), ihdr(5, 0), bmp(0, 5)])
def test_an_empty_image_is_refused(data):
    with pytest.raises(DecodeError, match=r"its size is|its header is broken"):
        peek(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (frame(5, 5, components=2), "2 components"),
        (frame(5, 5, precision=12), "12 bits"),
        (ihdr(5, 5, kind=5), "colour type is 5"),
        (frame(5, 5)[:2] + frame(5, 5)[2:21] + frame(5, 5)[2:], "two frame headers"),
    ],
)
def test_a_header_that_cannot_be_decoded_says_why(data, words):
    with pytest.raises(DecodeError, match=words):
        peek(data)


RGB, GRAY = Decode(), Decode(color="gray")


def test_faithful_means_that_decoding_would_change_nothing(photo, saved):
    jpeg, gray = peek(saved(photo(), "JPEG")), peek(saved(photo(channels=1), "JPEG"))
    assert [faithful(jpeg, options) for options in (RGB, GRAY, KEEP)] == [True, False, True]
    assert [faithful(gray, options) for options in (RGB, GRAY, KEEP)] == [False, True, True]
    rgba = peek(saved(photo(channels=4), "PNG"))
    assert [faithful(rgba, options) for options in (RGB, GRAY, KEEP)] == [False, False, True]
    deep = peek(saved(Image.fromarray(np.zeros((4, 4), np.uint16)), "PNG"))
    assert [faithful(deep, options) for options in (RGB, GRAY, KEEP)] == [False, False, True]
    cmyk = peek(saved(Image.fromarray(photo()).convert("CMYK"), "JPEG"))
    assert not any(faithful(cmyk, options) for options in (RGB, GRAY, KEEP))


def test_what_would_be_turned_converted_or_cut_is_not_faithful(photo, saved):
    header = peek(saved(photo(), "JPEG"))
    assert not faithful(header._replace(orientation=3), RGB)
    assert faithful(header._replace(orientation=3), Decode(orientation="ignore"))
    assert not faithful(header._replace(icc=True), Decode(icc="srgb"))
    assert faithful(header._replace(icc=True), RGB)
    assert not faithful(header._replace(frames=2), KEEP)
