"""DICOM: files that pydicom makes, and its own processing as the oracle."""

import os
import sys
import warnings
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pydicom = pytest.importorskip("pydicom")
from labels.dicoms import dataset, ramp, table, written  # noqa: E402
from pydicom.data import get_testdata_file  # noqa: E402
from pydicom.pixels import apply_modality_lut, apply_voi_lut, pixel_array  # noqa: E402

from pixelmill import codecs  # noqa: E402
from pixelmill.codecs.options import Decode, Dicom, Encode  # noqa: E402
from pixelmill.errors import DecodeError, LimitError  # noqa: E402

DATA = Path(os.environ.get("PIXELMILL_DATA", Path(__file__).parents[3] / "shared" / "data"))
FILMS = DATA / "dicom"
films = pytest.mark.skipif(not FILMS.is_dir(), reason=f"the DICOM files are not at {FILMS}")


def decoded(data, window="none", bits=16, color="keep", **more):
    return codecs.decode(data, Decode(color=color, dicom=Dicom(window, bits), **more))


def bundled(name):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return Path(get_testdata_file(name, download=False)).read_bytes()


def oracle(data, voi=True):
    """What pydicom gives, in floats, and the lowest and highest value that it may have."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pydicom.dcmread(BytesIO(data))
        values = apply_modality_lut(pixel_array(found, index=0), found)
        return np.asarray(apply_voi_lut(values, found) if voi else values, np.float64)


def scaled(values, low, high, top):
    return np.clip((values - low) / (high - low) * top, 0, top)


def test_a_header_is_told_by_what_stands_behind_the_preamble():
    data = written(dataset(ramp(), stored=12))
    header = codecs.peek(data)
    assert codecs.sniff(data) == "dicom"
    assert header[:6] == ("dicom", 64, 48, "gray", 1, 16)
    assert not codecs.faithful(header, Decode(color="keep"))


def test_sixteen_bits_are_kept_as_they_are_stored():
    pixels = ramp()
    got = decoded(written(dataset(pixels, stored=12))).image
    assert got.dtype == np.uint16
    np.testing.assert_array_equal(got[..., 0], pixels)
    back = np.asarray(Image.open(BytesIO(codecs.encode(got, Encode("png")))))
    np.testing.assert_array_equal(back, pixels)


def test_signed_values_are_counted_from_the_lowest_that_there_may_be():
    pixels = ramp(np.int16, 2047, low=-2048)
    tags = {"RescaleSlope": 1, "RescaleIntercept": -1024}
    got = decoded(written(dataset(pixels, stored=12, **tags))).image
    np.testing.assert_array_equal(got[..., 0].astype(int), pixels.astype(int) + 2048)


def test_monochrome1_is_inverted_by_the_bits_that_are_stored():
    pixels = ramp()
    got = decoded(written(dataset(pixels, "MONOCHROME1", stored=12))).image
    np.testing.assert_array_equal(got[..., 0], 4095 - pixels)


WINDOWS = [
    {"WindowCenter": 1000, "WindowWidth": 1500},
    {"WindowCenter": [1000, 3], "WindowWidth": [1500, 4]},
    {"WindowCenter": 1000, "WindowWidth": 1500, "VOILUTFunction": "LINEAR_EXACT"},
    {"WindowCenter": 1000, "WindowWidth": 1500, "VOILUTFunction": "SIGMOID"},
    {"WindowCenter": 300, "WindowWidth": 900, "RescaleSlope": 0.5, "RescaleIntercept": -200},
]


@pytest.mark.parametrize("tags", WINDOWS, ids=lambda tags: "-".join(map(str, tags.values())))
@pytest.mark.parametrize("photometric", ["MONOCHROME2", "MONOCHROME1"])
@pytest.mark.parametrize("bits", [8, 16])
def test_the_files_own_window_agrees_with_pydicom(tags, photometric, bits):
    data = written(dataset(ramp(), photometric, stored=12, **tags))
    slope, intercept = tags.get("RescaleSlope", 1), tags.get("RescaleIntercept", 0)
    top = 2**bits - 1
    expected = scaled(oracle(data), intercept, 4095 * slope + intercept, top)
    if photometric == "MONOCHROME1":
        expected = top - expected
    got = decoded(data, "voi", bits).image
    assert got.dtype == (np.uint8 if bits == 8 else np.uint16)
    # 0.5: ours are rounded to whole levels
    np.testing.assert_allclose(got[..., 0], expected, atol=0.5 + 1e-6)


def test_a_window_that_is_asked_for_wins_over_the_files_own():
    pixels = ramp()
    tags = {"WindowCenter": 9, "WindowWidth": 9}
    data = written(dataset(pixels, stored=12, **tags))
    got = decoded(data, (2000.0, 1001.0), 8).image[..., 0]
    assert got[pixels <= 1499].max() == 0
    assert got[pixels > 2499].min() == 255
    middle = np.abs(pixels.astype(float) - 1999.5) < 3
    assert np.abs(got[middle].astype(float) - 127.5).max() < 2


def test_auto_reaches_from_the_darkest_to_the_brightest_where_the_file_has_no_window():
    got = decoded(written(dataset(ramp(top=3000, low=1000), stored=12)), "auto", 8).image
    assert (got.min(), got.max()) == (0, 255)
    flat = np.full((4, 5), 7, np.uint16)
    assert len(np.unique(decoded(written(dataset(flat)), "auto", 8).image)) == 1


@pytest.mark.parametrize("depth", [8, 12, 16])
def test_a_voi_table_agrees_with_pydicom(depth):
    top = 2**depth - 1
    entries = (np.linspace(0, 1, 2000) ** 2 * top).round().astype(np.uint16)
    pixels = ramp()
    data = written(dataset(pixels, stored=12, VOILUTSequence=table(entries, 500, depth)))
    found = entries[np.clip(pixels.astype(int) - 500, 0, 1999)]
    if depth > 8:  # where tables of 8 bits are longer than 256, pydicom 3.0.2 wraps around
        np.testing.assert_array_equal(oracle(data), found)
    expected = scaled(found, 0, top, 65535)
    np.testing.assert_allclose(decoded(data, "voi").image[..., 0], expected, atol=0.5 + 1e-6)
    inverted = data.replace(b"MONOCHROME2", b"MONOCHROME1")
    np.testing.assert_array_equal(
        decoded(inverted, "voi").image, 65535 - decoded(data, "voi").image
    )


def test_a_modality_table_comes_before_the_window():
    pixels = ramp(np.int16, 2047, low=-2048)
    entries = (np.linspace(1, 0, 4096) * 65535).astype(np.uint16)
    tags = {"ModalityLUTSequence": table(entries, -2048, 16)}
    data = written(dataset(pixels, stored=12, **tags))
    assert codecs.peek(data).bits == 16
    np.testing.assert_array_equal(decoded(data).image[..., 0], oracle(data, voi=False))
    tags |= {"WindowCenter": 30000, "WindowWidth": 20000}
    data = written(dataset(pixels, stored=12, **tags))
    expected = scaled(oracle(data), 0, 65535, 255)
    np.testing.assert_allclose(decoded(data, "voi", 8).image[..., 0], expected, atol=0.5 + 1e-6)


def test_eight_bits_without_a_window_hold_all_that_may_be_stored():
    pixels = ramp()
    decode = decoded(written(dataset(pixels, stored=12)), bits=8)
    np.testing.assert_allclose(decode.image[..., 0], pixels / 4095 * 255, atol=0.5 + 1e-6)
    assert decode.notes == ("bits_reduced",)
    rgb = decoded(written(dataset(pixels, stored=12)), color="rgb")
    assert rgb.image.shape == (48, 64, 3)
    np.testing.assert_array_equal(rgb.image[..., 1], decode.image[..., 0])


@pytest.mark.parametrize("color", ["keep", "rgb", "gray"])
def test_colours_come_as_rgb(color, photo):
    pixels = photo(20, 30)
    got = decoded(written(dataset(pixels, "RGB")), color=color).image
    assert got.shape == (20, 30, 1 if color == "gray" else 3)
    if color != "gray":
        np.testing.assert_array_equal(got, pixels)


@pytest.mark.parametrize(
    "name",
    [
        "SC_rgb_jpeg_dcmtk.dcm", "SC_ybr_full_422_uncompressed.dcm", "examples_palette.dcm",
        "SC_rgb_rle.dcm", "MR_small_RLE.dcm", "MR_small_jp2klossless.dcm", "MR_small_bigendian.dcm",
        "SC_rgb_rle_2frame.dcm", "MR_small_implicit.dcm", "CT_small.dcm",
    ],
)  # fmt: skip
def test_other_transfer_syntaxes_and_colour_models_decode_as_pydicom_does(name):
    try:
        data = bundled(name)
    except (TypeError, FileNotFoundError, ValueError):
        pytest.skip(f"{name} is not in this pydicom's package")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pydicom.dcmread(BytesIO(data))
        expected = pixel_array(found, index=0)
        if found.PhotometricInterpretation == "PALETTE COLOR":
            expected = pydicom.pixels.apply_color_lut(expected, found)
    got = decoded(data)
    if expected.ndim == 3:
        expected = (expected.astype(int) + 128) // 257 if expected.itemsize == 2 else expected
        np.testing.assert_array_equal(got.image, expected)
    else:
        low = -(1 << found.BitsStored - 1) if found.PixelRepresentation else 0
        np.testing.assert_array_equal(got.image[..., 0], expected.astype(int) - low)
    assert ("first_frame_taken" in got.notes) == ("2frame" in name)


def test_a_jpeg_of_twelve_bits_is_named_with_what_to_install():
    with pytest.raises(DecodeError, match=r"JPEG Extended .* of 12 bits; pip install") as refused:
        decoded(bundled("JPGExtended.dcm"))
    assert refused.value.reason == "transfer_syntax"


@pytest.mark.parametrize(
    ("syntax", "named"),
    [
        ("1.2.840.10008.1.2.4.80", r"JPEG-LS Lossless .*pip install python-gdcm"),
        ("1.2.840.10008.1.2.4.70", r"JPEG Lossless, .*pip install python-gdcm .*GPL"),
        ("1.2.840.10008.1.2.4.201", r"High-Throughput .*pip install pylibjpeg pylibjpeg-openjpeg"),
        ("1.2.840.10008.1.2.4.100", r"MPEG2 .*convert it"),
    ],
)
def test_a_transfer_syntax_that_cannot_be_decoded_is_named_with_what_to_install(
    syntax, named, monkeypatch
):
    from pydicom.pixels import get_decoder

    made = dataset(ramp(), stored=12)
    made.file_meta.TransferSyntaxUID = pydicom.uid.UID(syntax)
    made.PixelData = pydicom.encaps.encapsulate([made.PixelData])
    if syntax != "1.2.840.10008.1.2.4.100":
        monkeypatch.setattr(type(get_decoder(syntax)), "is_available", property(lambda _: False))
    with pytest.raises(DecodeError, match=named) as refused:
        decoded(written(made))
    assert refused.value.reason == "transfer_syntax"


def test_limits_are_checked_before_anything_is_decoded():
    made = dataset(ramp(), stored=12)
    made.Rows = made.Columns = 60000
    with pytest.raises(LimitError, match="60000 x 60000"):
        decoded(written(made))


def test_a_frame_larger_than_its_header_says_is_not_decoded():
    frame = BytesIO()
    Image.new("L", (3000, 2000)).save(frame, "JPEG")
    made = dataset(np.zeros((20, 30), np.uint8), syntax=pydicom.uid.JPEGBaseline8Bit)
    made.PixelData = pydicom.encaps.encapsulate([frame.getvalue()])
    with pytest.raises(LimitError, match="the frame is 3000 x 2000"):
        decoded(written(made), max_pixels=1_000_000)


def test_what_holds_no_image_is_cut_or_is_deflated_is_refused_in_a_sentence():
    made = dataset(ramp(), stored=12)
    whole = written(made)
    for refused in (whole[:-500], whole[:200], b"\0" * 128 + b"DICM"):
        with pytest.raises(DecodeError):
            decoded(refused)
    del made.PixelData
    with pytest.raises(DecodeError, match="no pixels") as found:
        decoded(written(made))
    assert found.value.reason == "no_image"
    del made.Rows
    with pytest.raises(DecodeError, match=r"no image \(DX\)"):
        decoded(written(made))
    made.file_meta.TransferSyntaxUID = pydicom.uid.DeflatedExplicitVRLittleEndian
    with pytest.raises(DecodeError, match="deflated as a whole"):
        decoded(written(made))


def test_no_damage_of_a_byte_raises_anything_but_a_refusal(rng):
    whole = written(dataset(ramp(shape=(6, 8)), stored=12, WindowCenter=9, WindowWidth=9))
    for at in rng.integers(0, len(whole), 300):
        data = bytearray(whole)
        data[at] = rng.integers(256)
        try:
            image = decoded(bytes(data), "voi", 8).image
        except (DecodeError, LimitError):
            continue
        assert image.ndim == 3


def test_without_pydicom_its_pip_line_is_told(monkeypatch):
    data = written(dataset(ramp()))
    monkeypatch.setitem(sys.modules, "pydicom", None)
    with pytest.raises(DecodeError, match=r"pip install 'pixelmill\[dicom\]'") as missing:
        codecs.peek(data)
    assert missing.value.reason == "missing_codec"


@pytest.mark.corpus
@films
def test_a_real_chest_film_keeps_its_fifteen_bits_and_its_window_agrees_with_pydicom():
    data = (FILMS / "RG1_J2KI.dcm").read_bytes()
    assert codecs.peek(data)[:6] == ("dicom", 1841, 1955, "gray", 1, 16)
    stored = 32767 - decoded(data).image.astype(int)
    assert (stored.min(), stored.max()) == (803, 26512)
    shown = (65535 - decoded(data, "voi").image.astype(float)) / 65535 * 32767
    # a level of 65536 is half a value of 32768
    assert shown.min() == pytest.approx(877.09, abs=0.26)
    assert shown.max() == pytest.approx(28958.26, abs=0.26)
    assert shown.mean() == pytest.approx(8073.457, abs=0.01)


@pytest.mark.corpus
@films
def test_a_real_modality_table_and_a_real_voi_table_give_what_pydicom_does():
    data = (FILMS / "mlut_18.dcm").read_bytes()
    got = decoded(data).image
    assert (got.min(), got.max()) == (0, 65535)
    assert got.mean() == pytest.approx(33177.149, abs=5e-4)
    got = decoded((FILMS / "vlut_04.dcm").read_bytes(), "voi").image
    assert got.dtype == np.uint16
    assert got.mean() == pytest.approx(33109.316, abs=5e-4)


@pytest.mark.corpus
@films
def test_a_real_jpeg_film_is_read_and_its_monochrome1_twin_is_inverted():
    plain = decoded(next(FILMS.glob("1.2.276*.dcm")).read_bytes()).image
    assert (plain.dtype, plain.min(), plain.max()) == (np.uint8, 0, 254)
    assert plain.mean() == pytest.approx(160.398, abs=5e-4)
    twin = decoded((FILMS / "Fake_MONOHR1.dcm").read_bytes()).image
    np.testing.assert_array_equal(twin, 255 - plain)
