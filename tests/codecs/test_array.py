from io import BytesIO

import numpy as np
import pytest

from pixelmill.codecs import decode, encode, peek
from pixelmill.codecs.options import Decode, Encode
from pixelmill.errors import DecodeError, EncodeError


def load(data):
    return np.load(BytesIO(data), allow_pickle=False)


def dump(array, **options):
    out = BytesIO()
    np.save(out, array, **options)
    return out.getvalue()


def test_numpy_reads_what_was_written_and_writes_the_same(photo):
    data = encode(photo(), Encode("npy"))
    assert (load(data) == photo()).all()
    assert data == dump(photo())


@pytest.mark.parametrize("dtype", ["float16", "float32"])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_levels_become_zero_to_one_as_floats(kind, dtype, rng):
    top = np.iinfo(kind).max
    image = rng.integers(0, top + 1, (5, 6, 1)).astype(kind)
    image[0, 0], image[0, 1] = 0, top
    loaded = load(encode(image, Encode("npy", dtype=dtype)))
    assert loaded.dtype == dtype
    assert (loaded.min(), loaded.max()) == (0, 1)
    # half an ulp at 1.0 of either type
    np.testing.assert_allclose(loaded, image / top, atol=2.0**-12 if dtype == "float16" else 6e-8)


def test_floats_stay_what_they_are(rng):
    image = rng.normal(0, 2, (5, 6, 3)).astype(np.float32)
    assert (load(encode(image, Encode("npy", dtype="float32"))) == image).all()


def test_chw_puts_the_channels_first(photo):
    loaded = load(encode(photo(), Encode("npy", layout="chw")))
    assert loaded.flags.c_contiguous
    assert (loaded == photo().transpose(2, 0, 1)).all()


@pytest.mark.parametrize("kind", [np.float32, np.uint16])
def test_a_uint8_array_of_other_levels_is_refused(kind):
    with pytest.raises(EncodeError, match=r"levels 0\.\.255.*take dtype float32"):
        encode(np.zeros((2, 2, 1), kind), Encode("npy", dtype="uint8"))


def test_a_float16_that_would_overflow_is_refused():
    with pytest.raises(EncodeError, match="65504"):
        encode(np.full((2, 2, 1), 1e6, np.float32), Encode("npy", dtype="float16"))


@pytest.mark.parametrize("order", "CF")
def test_an_array_is_a_source_too(order, photo):
    data = dump(np.asarray(photo(), order=order))
    header = peek(data)
    assert (header.height, header.width, header.channels) == (61, 83, 3)
    decoded = decode(data, Decode()).image
    assert (decoded == photo()).all()
    assert decoded.flags.c_contiguous
    assert decoded.flags.writeable
    assert decode(data, Decode(color="gray")).image.shape == (61, 83, 1)


def test_a_plane_of_levels_is_gray(photo):
    decoded = decode(dump(photo()[..., 0]), Decode())
    assert (decoded.image == photo()[..., :1]).all()
    assert decoded.notes == ("gray_expanded",)


@pytest.mark.parametrize(
    "data",
    [
        dump(np.zeros((2, 2, 3), np.float32)),
        dump(np.zeros((2, 2, 2), np.uint8)),
        dump(np.zeros(4, np.uint8)),
        dump(np.array([{}], object), allow_pickle=True),
        dump(np.zeros((4, 4, 3), np.uint8))[:-1],
        dump(np.zeros((4, 4, 3), np.uint8)) + b"x",
        dump(np.zeros((4, 4, 3), np.uint8))[:40],
        dump(np.zeros((4, 4, 3), np.uint8)).replace(b"(4, 4, 3)", b"(-4, -4,3)"),
        b"\x93NUMPY\x09\x00v\x00",
        b"\x93NUMPY",
    ],
    ids=range(10),
)
def test_an_array_that_is_no_image_is_refused(data):
    with pytest.raises(DecodeError, match="npy image cannot be decoded"):
        decode(data, Decode())


@pytest.mark.parametrize("order", "CF")
@pytest.mark.parametrize("kind", ["u1", "<u2", ">u2", "<f4", ">f4"])
@pytest.mark.parametrize("bands", [2, 3, 13, 16])
def test_bands_of_8_and_16_bits_and_floats_are_kept_as_they_are(bands, kind, order, rng):
    levels = np.asarray((rng.random((5, 7, bands)) * 200).astype(kind), order=order)
    data = dump(levels)
    header = peek(data)
    assert (header.height, header.width, header.channels) == (5, 7, bands)
    assert header.bits == 8 * levels.itemsize
    decoded = decode(data, Decode(color="keep")).image
    assert (decoded == levels).all()
    assert decoded.dtype == levels.dtype.newbyteorder("=")
    assert decoded.flags.carray
    dtype = decoded.dtype.name
    assert (load(encode(decoded, Encode("npy", dtype=dtype))) == levels).all()


@pytest.mark.parametrize("shape", [(5, 7, 2), (5, 7, 13)])
def test_bands_are_never_made_rgb(shape):
    with pytest.raises(DecodeError, match=r"(2|13) bands of uint8.*set decode.color to keep"):
        decode(dump(np.zeros(shape, np.uint8)), Decode(color="rgb"))


def test_bands_first_are_refused_with_the_mend():
    with pytest.raises(DecodeError, match=r"uint16 \(13, 64, 60\).*np.moveaxis\(array, 0, -1\)"):
        peek(dump(np.zeros((13, 64, 60), np.uint16)))


def test_a_picture_format_holds_no_bands():
    with pytest.raises(EncodeError, match=r"png is \(height, width, 1, 3 or 4 channels\)"):
        encode(np.zeros((4, 4, 13), np.uint8), Encode("png"))
