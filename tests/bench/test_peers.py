"""The comparison's own eyes: what they must see of a peer that does the job otherwise, or not."""

import io
import tarfile

import numpy as np
import pytest
from PIL import Image

BICUBIC, BILINEAR = Image.Resampling.BICUBIC, Image.Resampling.BILINEAR


@pytest.fixture
def checks(bench):
    return bench("peers.checks")


@pytest.fixture
def originals(checks, rng):
    """Three smooth photographs of 300 x 400 and so on, as a set has them."""
    return checks.Originals({f"photo-{n}": _jpeg(_photo(rng, 300 + 20 * n, 400)) for n in range(3)})


def _photo(rng, height, width):
    coarse = rng.integers(0, 256, (6, 6, 3), np.uint8)
    return Image.fromarray(coarse).resize((width, height), BICUBIC)


def _jpeg(image, **options):
    sink = io.BytesIO()
    image.save(sink, "JPEG", **{"quality": 95, "subsampling": "4:2:0", **options})
    return sink.getvalue()


def _small(data, side=256, **options):
    image = Image.open(io.BytesIO(data))
    scale = side / min(image.size)
    size = tuple(round(n * scale) for n in image.size)
    return _jpeg(image.resize(size, BICUBIC), **options)


def _write(folder, images):
    with tarfile.open(folder / "out.tar", "w") as tar:
        for key, data in images.items():
            member = tarfile.TarInfo(f"{key}.jpg")
            member.size = len(data)
            tar.addfile(member, io.BytesIO(data))
    return folder


def _tensors(checks, originals):
    crops = []
    for key in originals.jpegs:
        height, width = checks._size_of(originals.jpegs[key])
        small = originals.small(key, checks.target(height, width))
        top, left = (small.shape[0] - 224) // 2, (small.shape[1] - 224) // 2
        crop = small[top : top + 224, left : left + 224] / 255
        crops.append(((crop - checks.MEAN) / checks.STD).transpose(2, 0, 1))
    return np.stack(crops).astype(np.float32)


def test_shards_that_are_right_have_their_psnr_and_chroma(checks, originals, tmp_path):
    out = _write(tmp_path, {key: _small(data) for key, data in originals.jpegs.items()})
    found = checks.check_shards(out, originals)
    assert found["psnr_db"] > 35
    assert found["chroma"] == "4:2:0"


def test_full_chroma_is_seen(checks, originals, tmp_path):
    full = {key: _small(data, subsampling="4:4:4") for key, data in originals.jpegs.items()}
    assert checks.check_shards(_write(tmp_path, full), originals)["chroma"] == "4:4:4"


def test_a_missing_image_is_named(checks, originals, tmp_path):
    some = {key: _small(data) for key, data in originals.jpegs.items()}
    del some["photo-1"]
    with pytest.raises(checks.Wrong, match="lacks 1 of 3 images, photo-1 first"):
        checks.check_shards(_write(tmp_path, some), originals)


def test_an_image_of_another_size_is_named(checks, originals, tmp_path):
    some = {key: _small(data) for key, data in originals.jpegs.items()}
    some["photo-2"] = _small(originals.jpegs["photo-2"], side=255)
    with pytest.raises(checks.Wrong, match=r"photo-2 is \d+ x 255, wanted"):
        checks.check_shards(_write(tmp_path, some), originals)


def test_an_image_under_another_key_is_named(checks, originals, tmp_path):
    some = {key: _small(data) for key, data in originals.jpegs.items()}
    height, width = checks._size_of(some["photo-0"])
    other = Image.open(io.BytesIO(some["photo-1"])).resize((width, height))
    with pytest.raises(checks.Wrong, match="photo-0 is another image"):
        checks.check_shards(_write(tmp_path, some | {"photo-0": _jpeg(other)}), originals)


def test_tensors_are_compared_by_key_or_else_by_order(checks, originals):
    keys = list(originals.jpegs)
    images = _tensors(checks, originals)
    assert checks.check_tensors(images, keys, originals)["psnr_db"] > 100
    assert checks.check_tensors(images, [None] * 3, originals)["psnr_db"] > 100
    assert checks.check_tensors(images[::-1], keys[::-1], originals)["psnr_db"] > 100
    with pytest.raises(checks.Wrong, match="is another image"):
        checks.check_tensors(images[::-1], keys, originals)


def test_tensors_that_are_not_normalised_are_seen(checks, originals):
    levels = checks.levels
    images = np.stack([levels(image).transpose(2, 0, 1) for image in _tensors(checks, originals)])
    with pytest.raises(checks.Wrong, match="is another image"):
        checks.check_tensors(images.astype(np.float32), list(originals.jpegs), originals)


def test_batches_of_another_type_or_count_are_seen(checks, originals):
    images, keys = _tensors(checks, originals), list(originals.jpegs)
    with pytest.raises(checks.Wrong, match="float64"):
        checks.check_tensors(images.astype(float), keys, originals)
    with pytest.raises(checks.Wrong, match="lacks 1 of 3"):
        checks.check_tensors(images[:2], keys[:2], originals)
    with pytest.raises(checks.Wrong, match="has 4 images of 3"):
        checks.check_tensors(images[[0, 1, 2, 2]], [*keys, keys[2]], originals)


def test_crops_of_other_images_are_seen(checks):
    gray = {f"{n}": _jpeg(Image.new("RGB", (300, 260), (25 * n,) * 3)) for n in range(10)}
    originals = checks.Originals(gray)
    images = _tensors(checks, originals)
    assert checks.check_crops(images, list(gray), originals)["likeness"] > 0.99
    with pytest.raises(checks.Wrong, match="crops are of other images"):
        checks.check_crops(images[::-1], list(gray), originals)


def test_a_plate_tells_filters_that_are_stretched_from_those_that_are_not(bench):
    zone, page = bench("peers.zone"), bench("peers.page")
    plate, side = Image.fromarray(zone.plate()), zone.SIDE
    good = np.asarray(plate.resize((256, 256), BICUBIC))
    # The nearest pixels alone decide, as in a bilinear filter that is not stretched.
    bad = np.asarray(plate.transform((256, 256), Image.Transform.EXTENT, (0, 0, side, side),
                                     BILINEAR))  # fmt: skip
    assert not page.aliased({"aliasing": zone.aliasing(good, 4.0)})
    assert page.aliased({"aliasing": zone.aliasing(bad, 4.0)})
    middle = good[16:240, 16:240]
    assert zone.aliasing(middle, 4.0) == pytest.approx(zone.aliasing(good, 4.0), abs=0.05)


def test_the_reference_resize_is_close_to_pillows(bench, rng):
    fidelity = bench("pipeline.fidelity")
    image = np.asarray(_photo(rng, 301, 403))
    theirs = np.asarray(Image.fromarray(image).resize((301, 225), BICUBIC), float)
    # Pillow rounds to bytes between its two passes.
    assert np.abs(fidelity.by_the_formula(image, (225, 301)) - theirs).max() < 1.5


def test_kernels_that_do_something_else_are_told(bench, rng):
    kernels = bench("peers.kernels")
    image = rng.integers(0, 256, (300, 280, 3), np.uint8)
    wanted = kernels.references(image)
    assert kernels.difference(image[:, ::-1], wanted["flip"]) == 0
    assert kernels.difference(image[::-1], wanted["flip"]) > kernels.SAME["flip"]
    gray = np.rint(wanted["gray"])[..., None]
    assert kernels.difference(gray, wanted["gray"]) < kernels.SAME["gray"]
    assert kernels.difference(image, wanted["blur"]) > kernels.SAME["blur"]
    assert kernels.difference(image[:5], wanted["flip"]) == float("inf")


MACHINE = {"processor": "P", "cores": 2, "memory_bytes": 8, "simd": "512", "platform": "L",
           "python": "3"}  # fmt: skip
NEW = {"day": "2026-01-02", "machine": MACHINE}
FACTS = {"images": 8, "shards": 2, "bytes": 100}


def test_a_part_adds_its_rows_to_those_of_the_same_machine(bench):
    joined = bench("peers.results").joined
    one = joined({"cells": {}}, NEW, "web", "J1", 1, FACTS, {"pillow": {"images_per_second": 1}})
    two = joined(one, NEW, "web", "J1", 1, FACTS, {"vips": {"cannot": "why"}})
    assert two["cells"]["web/J1/1"]["rows"].keys() == {"pillow", "vips"}
    three = joined(two, NEW, "web", "J2", 1, FACTS, {})
    assert three["cells"].keys() == {"web/J1/1", "web/J2/1"}


def test_rows_of_another_machine_or_of_other_photographs_are_not_kept(bench, capsys):
    joined = bench("peers.results").joined
    one = joined({"cells": {}}, NEW, "web", "J1", 1, FACTS, {"pillow": {}})
    other = joined(one, NEW, "web", "J1", 1, FACTS | {"images": 9}, {"vips": {}})
    assert other["cells"]["web/J1/1"]["rows"].keys() == {"vips"}
    assert not capsys.readouterr().out
    moved = {**NEW, "machine": MACHINE | {"processor": "Q"}}
    elsewhere = joined(one, moved, "web", "J2", 1, FACTS, {"vips": {}})
    assert elsewhere["cells"].keys() == {"web/J2/1"}
    assert "another machine" in capsys.readouterr().out


def _found(bench):
    joined = bench("peers.results").joined
    row = {"psnr_db": 37.0, "chroma": "4:2:0", "aliasing": 0.02, "first_output_seconds": 0.5,
           "peak_mb": 1200}  # fmt: skip
    rows = {
        "floor": {"images_per_second": 800.0, "pixelmill_is_times": 0.875},
        "pixelmill": {**row, "images_per_second": 700.0},
        "pillow": {**row, "images_per_second": 50.04, "pixelmill_is_times": 13.99},
        "opencv": {**row, "images_per_second": 350, "pixelmill_is_times": 2.0, "aliasing": 0.6},
        "ffcv": {"cannot": "reads only"},
    }
    found = joined({"cells": {}}, NEW, "imagenet", "J1", 1, FACTS, rows)
    kernels = {
        "pixelmill": {"microseconds": {"resize": 1234.0, "gray": 9.0}},
        "opencv": {"microseconds": {"resize": 2468.0, "gray": "does something else"},
                   "times_pixelmill": {"resize": 2.0}},
    }  # fmt: skip
    return joined(found, NEW, "imagenet", "J3", 1, FACTS, kernels)


def test_the_page_tells_rates_ratios_aliasing_and_reasons(bench):
    text = bench("peers.page").figures(_found(bench))
    assert "| one core | J1 ImageNet-sized |" in text
    assert "| **pixelmill** | **700** |" in text
    assert "| codec floor: decode and encode alone | 800 (0.88x) |" in text
    assert "| webdataset + Pillow | 50.0 (13.99x) |" in text
    assert "| webdataset + OpenCV | 350† (2.00x) |" in text
    assert "| webdataset + OpenCV | 37.0 | 60%† | 4:2:0 | 0.5 | 1,200 |" in text
    assert "| **pixelmill** | **1,234 µs** |" in text
    assert "- FFCV, JPEG, J1: reads only." in text
    assert "- webdataset + OpenCV, J3: gray does something else." in text
    assert "| FFCV" not in text


def test_the_page_has_its_place_beside_other_figures(bench, tmp_path):
    marked = bench("marked")
    page = tmp_path / "README.md"
    other = "<!-- figures: begin -->\nkept\n<!-- figures: end -->\n"
    page.write_text(f"{other}<!-- peers: begin -->\nold\n<!-- peers: end -->\n")
    marked.place(page, "new", "peers")
    assert page.read_text() == f"{other}<!-- peers: begin -->\nnew\n<!-- peers: end -->\n"


def test_the_plot_of_the_peers_is_a_picture(bench, tmp_path):
    bench("peers.plot").draw(_found(bench), tmp_path / "peers.png")
    with Image.open(tmp_path / "peers.png") as picture:
        assert picture.width > 500


def test_an_installers_last_error_is_the_reason(bench):
    said = "Resolved 3\nRuntimeError: first\nRuntimeError: no opencv\n\nhint: look at it\n"
    assert bench("peers.venvs").reason_in(said) == "RuntimeError: no opencv"
    assert bench("peers.venvs").reason_in("") == "it said nothing"


def test_every_peer_has_its_loop_its_requirements_and_a_word_on_each_job(bench):
    field = bench("peers.field")
    for peer in field.FIELD:
        loop = (field.REQUIREMENTS.parent / "loops" / f"{peer.module}.py").read_text("utf-8")
        assert peer.is_own or (field.REQUIREMENTS / f"{peer.home}.txt").exists()
        for job, name in bench("peers.worker").JOBS.items():
            does = f"def {name}(" in loop or name in _assigned(loop)
            assert does != (job in peer.cannot), f"{peer.name} and {job}"


def _assigned(loop):
    """The names on the left of a loop's assignments."""
    lefts = [line.partition(" = ")[0] for line in loop.splitlines() if " = " in line]
    return {name.strip() for left in lefts for name in left.split(",")}
