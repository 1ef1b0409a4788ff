"""The demo's photographs: what they are said to be, the same every time, each another one."""

import io
import json
import tarfile
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pixelmill.demo.cut import LICENCES, choose_piece, cut, photograph
from pixelmill.demo.odd import ODD, odd_places
from pixelmill.demo.samples import write_samples
from pixelmill.random import Randomness


def members(urls):
    found = {}
    for url in urls:
        with tarfile.open(url) as tar:
            found |= {member.name: tar.extractfile(member).read() for member in tar}
    return found


def digest(urls):
    return [sha256(Path(url).read_bytes()).hexdigest() for url in urls]


@pytest.fixture(scope="module")
def shards(tmp_path_factory):
    return write_samples(str(tmp_path_factory.mktemp("samples")), samples=120, shards=4)


@pytest.fixture(scope="module")
def jpegs(shards):
    return {name: data for name, data in members(shards).items() if name.endswith(".jpg")}


def test_the_photographs_are_small_and_each_says_where_it_comes_from():
    folder = files("pixelmill.demo") / "photos"
    shipped = {path.name: path for path in folder.iterdir() if path.name.endswith(".jpg")}
    assert shipped.keys() == {f"{name}.jpg" for name in LICENCES}
    assert sum(len(path.read_bytes()) for path in shipped.values()) < 2_000_000
    origins = (folder / "ORIGINS.md").read_text("utf-8")
    assert [name for name in shipped if f"| `{name}`" not in origins] == []


def test_every_sample_has_an_image_a_class_and_its_origin(shards):
    found = members(shards)
    assert len(found) == 3 * 120
    about = [json.loads(data) for name, data in found.items() if name.endswith(".json")]
    assert all(entry["licence"].startswith(("CC0", "public domain")) for entry in about)
    classes = {int(data) for name, data in found.items() if name.endswith(".cls")}
    assert classes <= set(range(len(LICENCES)))
    assert len(classes) >= 6


def test_sizes_are_those_of_imagenet(jpegs):
    sizes = np.array([Image.open(io.BytesIO(data)).size[::-1] for data in jpegs.values()])
    # 401x468 px and 107 KB are ImageNet's means; of 120 samples the standard error is about 3 %,
    # so 10 % is three of them
    np.testing.assert_allclose(sizes.mean(axis=0), (401, 468), rtol=0.10)
    assert 95_000 < np.mean([len(data) for data in jpegs.values()]) < 118_000
    assert len(np.unique(sizes, axis=0)) > 20


def test_no_two_samples_are_the_same(jpegs):
    assert len(set(jpegs.values())) == len(jpegs)


def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(tmp_path):
    first, again = (write_samples(str(tmp_path / name), 8, 2, seed=3) for name in ("a", "b"))
    assert digest(first) == digest(again)
    assert digest(first) != digest(write_samples(str(tmp_path / "c"), 8, 2, seed=4))


def test_the_number_of_shards_changes_no_sample(tmp_path):
    one, three = (write_samples(str(tmp_path / str(count)), 7, count) for count in (1, 3))
    assert len(three) == 3
    assert members(one) == members(three)


@pytest.mark.parametrize(
    ("size", "least", "most"), [("camera", 2e6, 4.5e6), ("camera-fine", 3e6, 8e6)]
)
def test_cameras_write_twelve_megapixels(tmp_path, size, least, most):
    (name, data), *_ = members(write_samples(str(tmp_path), 1, 1, size=size)).items()
    assert name.endswith(".jpg")
    assert Image.open(io.BytesIO(data)).size == (4000, 3000)
    assert least < len(data) < most


def test_sites_serve_a_thousand_pixels_and_more(tmp_path):
    found = members(write_samples(str(tmp_path), 12, 1, size="web"))
    sizes = [Image.open(io.BytesIO(data)).size for name, data in found.items() if "jpg" in name]
    assert all(850 <= max(size) <= 1600 for size in sizes)
    assert len(set(sizes)) > 4


def test_a_piece_keeps_the_shape_and_stays_inside():
    for number in range(200):
        piece = choose_piece("chelsea", (500, 333), Randomness(0, str(number)))
        left, top, right, bottom = piece.box
        assert 0 <= left < right <= photograph("chelsea").width
        assert 0 <= top < bottom <= photograph("chelsea").height
        assert (right - left) / (bottom - top) == pytest.approx(333 / 500)


def test_grain_is_as_strong_as_asked():
    random = Randomness(0, "grain")
    piece = choose_piece("chelsea", (300, 400), random)
    smooth = cut(piece, 0.0, Randomness(0, "same")).astype(float)
    rough = cut(piece, 5.0, Randomness(0, "same")).astype(float)
    assert np.std(rough - smooth) == pytest.approx(5.0, rel=0.03)  # 120,000 draws, few are clipped


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    found = members(write_samples(str(tmp_path_factory.mktemp("odd")), 12, 2, odd=True))
    kinds = {
        json.loads(data)["odd"]: name.removesuffix("json") + "jpg"
        for name, data in found.items()
        if name.endswith(".json") and b'"odd"' in data
    }
    return {kind: found[name] for kind, name in kinds.items()}


def test_there_is_one_odd_sample_of_each_kind(odd):
    assert odd.keys() == ODD.keys()


@pytest.mark.parametrize(
    ("kind", "format", "mode"),
    [
        ("gray", "JPEG", "L"),
        ("cmyk", "JPEG", "CMYK"),
        ("exif_turned", "JPEG", "RGB"),
        ("png_named_jpg", "PNG", "RGB"),
        ("tiny", "JPEG", "RGB"),
    ],
)
def test_an_odd_sample_is_what_it_is_called(odd, kind, format, mode):
    image = Image.open(io.BytesIO(odd[kind]))
    assert (image.format, image.mode) == (format, mode)
    assert (image.getexif().get(0x0112) == 6) == (kind == "exif_turned")
    assert (image.size == (40, 30)) == (kind == "tiny")


def test_the_truncated_sample_cannot_be_decoded(odd):
    with pytest.raises(OSError, match="truncated"):
        Image.open(io.BytesIO(odd["truncated"])).load()


def test_odd_samples_are_spread_and_too_few_are_refused():
    assert list(odd_places(300)) == [25, 75, 125, 175, 225, 275]
    assert len(odd_places(6)) == 6
    with pytest.raises(ValueError, match="ask for 6 or more"):
        odd_places(5)
