import struct
import sys
import threading
import warnings
from io import BytesIO

import numpy as np
import pytest
from PIL import Image, ImageCms, features

from pixelmill.codecs import decode, peek
from pixelmill.codecs._quiet import quiet
from pixelmill.codecs.levels import to_eight_bits
from pixelmill.codecs.options import Decode
from pixelmill.errors import DecodeError

RGB, GRAY, KEEP = Decode(), Decode(color="gray"), Decode(color="keep")


@pytest.mark.parametrize("format", ["PNG", "WEBP", "TIFF", "BMP"])
@pytest.mark.parametrize("channels", [1, 3, 4])
def test_a_lossless_format_gives_exactly_what_was_stored(format, channels, photo, saved):
    if (format, channels) == ("BMP", 4):
        pytest.skip("Pillow writes no alpha into BMP")
    image = photo(channels=channels)
    options = {"lossless": True, "exact": True} if format == "WEBP" else {}
    decoded = decode(saved(image, format, **options), KEEP).image
    assert (decoded == image).all()  # WebP repeats gray as RGB, which broadcasts
    assert decoded.shape[2] == (3 if (format, channels) == ("WEBP", 1) else channels)
    assert decoded.flags.writeable


@pytest.mark.parametrize("compression", ["tiff_lzw", "tiff_deflate", "packbits", "raw"])
def test_tiff_compressions_are_read(compression, photo, saved):
    assert (decode(saved(photo(), "TIFF", compression=compression), RGB).image == photo()).all()


@pytest.mark.parametrize("format", ["PNG", "TIFF"])
def test_sixteen_bit_gray_is_kept_or_rounded_never_clipped(format, saved, rng):
    levels = rng.integers(0, 65536, (33, 44), np.uint16)
    levels[0, :4] = 0, 128, 129, 65535
    data = saved(Image.fromarray(levels), format)
    assert peek(data).bits == 16
    kept = decode(data, KEEP)
    assert kept.image.dtype == np.uint16
    assert (kept.image[..., 0] == levels).all()
    for options, channels in ((GRAY, 1), (RGB, 3)):
        decoded = decode(data, options)
        assert decoded.image.shape == (33, 44, channels)
        assert (decoded.image == np.rint(levels / 257.0)[..., None]).all()
        assert "bits_reduced" in decoded.notes


def test_every_sixteen_bit_level_is_rounded_to_the_nearest():
    levels = np.arange(65536).astype(np.uint16)
    assert (to_eight_bits(levels) == np.rint(levels / 257.0)).all()


def test_big_endian_and_inverted_tiffs_hold_the_same_levels(saved, rng):
    levels = rng.integers(0, 65536, (5, 7), np.uint16)
    plain = saved(Image.fromarray(levels), "TIFF")
    at = plain.index(struct.pack("<HHI", 262, 3, 1)) + 8
    inverted = plain[:at] + struct.pack("<H", 0) + plain[at + 2 :]
    assert (decode(inverted, KEEP).image[..., 0] == 65535 - levels).all()
    body = levels.astype(">u2").tobytes()
    tags = [(256, 7), (257, 5), (258, 16), (259, 1), (262, 1), (273, 8), (277, 1), (278, 5)]
    tags.append((279, len(body)))
    entries = b"".join(struct.pack(">HHII", tag, 4, 1, value) for tag, value in tags)
    data = b"MM\0*" + struct.pack(">I", 8 + len(body)) + body + struct.pack(">H", len(tags))
    assert (decode(data + entries + b"\0" * 4, KEEP).image[..., 0] == levels).all()


@pytest.mark.parametrize("mode", ["F", "I", "LAB"])
def test_levels_without_a_meaning_are_refused_with_a_reason(mode, saved):
    data = saved(Image.new(mode, (4, 4)), "TIFF")
    with pytest.raises(DecodeError, match=r"store (8- or 16-bit levels|RGB)"):
        decode(data, GRAY)


@pytest.mark.parametrize("bands", [2, 4, 5, 6, 9])
def test_a_tiff_with_bands_of_no_named_meaning_is_refused_and_none_is_lost(bands, tmp_path, rng):
    tifffile = pytest.importorskip("tifffile")
    levels = rng.integers(0, 256, (8, 9, bands), np.uint8)
    kind = "rgb" if 3 < bands < 7 else "minisblack"
    named = 3 if kind == "rgb" else 1
    tifffile.imwrite(
        tmp_path / "x.tif",
        levels,
        photometric=kind,
        planarconfig="contig",
        extrasamples=["unspecified"] * (bands - named),
    )
    with pytest.raises(DecodeError, match=r"bands.* make it an array .*\.npy"):
        peek((tmp_path / "x.tif").read_bytes())


def test_alpha_of_a_tiff_is_a_band_that_has_a_meaning(tmp_path, rng):
    tifffile = pytest.importorskip("tifffile")
    levels = rng.integers(0, 256, (8, 9, 4), np.uint8)
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, levels, photometric="rgb", extrasamples=["unassalpha"])
    assert (decode(path.read_bytes(), KEEP).image == levels).all()


def test_one_bit_images_are_black_and_white(saved, rng):
    bits = rng.random((9, 13)) > 0.5
    for format in ("PNG", "TIFF", "BMP"):
        decoded = decode(saved(Image.fromarray(bits), format), KEEP).image
        assert (decoded[..., 0] == bits * 255).all(), format


@pytest.mark.parametrize("format", ["PNG", "GIF", "TIFF", "BMP"])
def test_a_palette_becomes_its_colours(format, photo, saved):
    palette = Image.fromarray(photo()).quantize(16)
    decoded = decode(saved(palette, format), KEEP)
    assert (decoded.image == np.asarray(palette.convert("RGB"))).all()


@pytest.mark.parametrize("format", ["PNG", "GIF"])
def test_a_transparent_palette_entry_becomes_alpha_or_background(format, photo, saved):
    palette = Image.fromarray(photo()).quantize(16)
    data = saved(palette, format, transparency=3)
    clear = np.asarray(palette) == 3
    assert clear.any()
    kept = decode(data, KEEP).image
    assert (kept[..., 3] == np.where(clear, 0, 255)).all()
    flat = decode(data, Decode(background="#ff8000"))
    assert (flat.image[clear] == (255, 128, 0)).all()
    assert (flat.image[~clear] == kept[~clear][:, :3]).all()
    assert flat.notes == ("alpha_flattened",)


@pytest.mark.parametrize("depth", [8, 16])
def test_a_transparent_gray_level_becomes_alpha(depth, saved):
    levels = np.arange(12).reshape(3, 4) * (20 if depth == 8 else 5000)
    levels = levels.astype(np.uint8 if depth == 8 else np.uint16)
    data = saved(Image.fromarray(levels), "PNG", transparency=int(levels[1, 1]))
    kept = decode(data, KEEP).image
    assert kept.shape == (3, 4, 4)
    assert (kept[..., 3] == np.where(levels == levels[1, 1], 0, 255)).all()


@pytest.mark.parametrize("background", ["white", "#204060"])
@pytest.mark.parametrize("channels", [2, 4])
def test_alpha_is_laid_on_the_background(channels, background, photo, saved):
    image = photo(channels=channels)
    data = saved(Image.fromarray(image), "PNG")
    decoded = decode(data, Decode(background=background))
    under = np.array([255] * 3 if background == "white" else [0x20, 0x40, 0x60])
    share = image[..., -1:] / 255.0
    expected = image[..., :-1] * share + under * (1 - share)
    assert np.abs(decoded.image - expected).max() <= 1  # Pillow composes in integers
    assert decoded.notes == ("alpha_flattened",)
    assert decode(data, GRAY).image.shape[2] == 1


def test_gray_with_alpha_is_kept_as_rgba(photo, saved):
    image = photo(channels=2)
    kept = decode(saved(Image.fromarray(image), "PNG"), KEEP)
    assert (kept.image == image[..., [0, 0, 0, 1]]).all()
    assert kept.notes == ()


def test_an_unknown_background_is_the_jobs_mistake_not_the_samples(photo, saved):
    with pytest.raises(ValueError, match="unknown color") as caught:
        decode(saved(photo(channels=4), "PNG"), Decode(background="whiet"))
    assert not isinstance(caught.value, DecodeError)


@pytest.mark.parametrize("format", ["GIF", "PNG", "WEBP", "TIFF"])
def test_of_an_animation_the_first_frame_is_taken_or_it_is_refused(format, photo, saved):
    frames = [Image.fromarray(photo(20, 30)[::step]).resize((30, 20)) for step in (1, -1)]
    options = {"lossless": True} if format == "WEBP" else {}
    data = saved(frames[0], format, save_all=True, append_images=frames[1:], **options)
    decoded = decode(data, RGB)
    first = np.asarray(Image.open(BytesIO(data)).convert("RGB"))
    assert (decoded.image == first).all()
    assert np.abs(decoded.image.astype(int) - np.asarray(frames[0])).mean() < 20  # GIF: a palette
    assert decoded.notes == ("first_frame_taken",)
    with pytest.raises(DecodeError, match=r"several frames.*decode\.animation") as caught:
        decode(data, Decode(animation="refuse"))
    assert caught.value.reason == "animated"


@pytest.mark.parametrize("format", ["PNG", "GIF", "WEBP", "TIFF", "BMP"])
@pytest.mark.parametrize("eighth", range(8))
def test_a_cut_file_is_refused(format, eighth, photo, saved):
    data = saved(photo(60, 90), format)
    with pytest.raises(DecodeError):
        decode(data[: len(data) * eighth // 8], RGB)


@pytest.mark.skipif(not features.check("avif"), reason="this Pillow is built without AVIF")
def test_avif_is_read_by_pillow(photo, saved, pixels):
    data = saved(photo(channels=4), "AVIF")
    assert (decode(data, KEEP).image == pixels(data)).all()


def test_a_codec_that_is_missing_is_named_with_its_pip_line(photo, saved, monkeypatch):
    data = saved(photo(), "WEBP")
    monkeypatch.setattr(features, "check", lambda _: False)
    with pytest.raises(DecodeError, match="built without webp: pip install") as caught:
        decode(data, RGB)
    assert caught.value.reason == "missing_codec"
    monkeypatch.setitem(sys.modules, "pi_heif", None)
    with pytest.raises(DecodeError, match=r"pip install 'pixelmill\[heif\]'") as caught:
        peek(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 64)
    assert caught.value.reason == "missing_codec"


@pytest.mark.corpus
def test_heif_is_read_through_its_package(corpus):
    pytest.importorskip("pi_heif")
    for path in corpus:
        if path.suffix == ".heif":
            decoded = decode(path.read_bytes(), RGB)
            assert decoded.image.shape[:2] == peek(path.read_bytes()).displayed(RGB)
            assert decoded.image.std() > 20


def swapped_profile():
    """sRGB with the tags of red and blue exchanged: converting from it swaps the channels."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    red, blue = profile.index(b"rXYZ"), profile.index(b"bXYZ")
    swapped = bytearray(profile)
    swapped[red : red + 4], swapped[blue : blue + 4] = b"bXYZ", b"rXYZ"
    return bytes(swapped)


@pytest.mark.parametrize("format", ["PNG", "TIFF", "WEBP", "JPEG"])
@pytest.mark.parametrize("channels", [3, 4])
def test_a_profile_is_converted_to_srgb_or_ignored(format, channels, photo, saved):
    if (format, channels) == ("JPEG", 4):
        pytest.skip("JPEG has no alpha")
    options = {"lossless": True, "exact": True} if format == "WEBP" else {}
    image = photo(channels=channels)
    data = saved(image, format, icc_profile=swapped_profile(), **options)
    stored = decode(data, KEEP)
    assert stored.notes == ("icc_ignored",)
    converted = decode(data, Decode(color="keep", icc="srgb"))
    assert converted.notes == ("icc_converted",)
    order = [2, 1, 0, 3][:channels]
    # 2: the profile's curves and matrices are rounded to 16 bits on the way there and back
    assert np.abs(converted.image.astype(int) - stored.image[..., order]).max() <= 2


def test_a_broken_profile_is_noted_and_not_fatal(photo, saved):
    for format in ("PNG", "JPEG"):
        data = saved(photo(), format, icc_profile=b"no profile at all" * 20)
        decoded = decode(data, Decode(icc="srgb"))
        assert decoded.notes == ("icc_broken",)
        assert (decoded.image == decode(data, RGB).image).all()


def test_a_profile_of_other_colours_than_the_image_counts_as_broken(photo, saved):
    data = saved(photo(channels=1), "PNG", icc_profile=swapped_profile())
    assert "icc_broken" in decode(data, Decode(icc="srgb")).notes


def test_pillows_warnings_do_not_reach_the_user(photo, saved, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 100)
    palette = Image.fromarray(photo()).quantize(16)
    data = saved(palette, "PNG", transparency=bytes(range(16)))
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        decode(data, RGB)
        decode(data[:-12], RGB)  # without IEND
    assert heard == []


def test_threads_that_overlap_leave_the_warning_filters_as_they_were():
    before, inside, leave = list(warnings.filters), threading.Barrier(2), threading.Barrier(2)

    def first():
        with quiet:
            inside.wait(5)
        leave.wait(5)

    other = threading.Thread(target=first)
    other.start()
    with quiet:
        inside.wait(5)
        leave.wait(5)  # the first one in is out before us
    other.join()
    assert list(warnings.filters) == before
