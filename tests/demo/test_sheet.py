"""The sheet of an output folder: annotations lie on what they are about, before and after."""

import io
import json
import tarfile

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

import pixelmill
from pixelmill import Job
from pixelmill.annotations.schema import object_columns, unknown_record
from pixelmill.cli import cli
from pixelmill.demo.folder_pairs import folder_pairs
from pixelmill.demo.overlay import annotated, draw_annotations
from pixelmill.errors import OutputInUse
from pixelmill_kernels import rle

GRAY, BLUE = (90, 90, 90), (20, 20, 200)
MASK = np.zeros((40, 60), np.uint8)
MASK[10:20, 30:50] = 1


def record(**columns):
    told = {"id": [3], "category": [0], "bbox": [[30.0, 10.0, 20.0, 10.0]], **columns}
    facts = {"width": 60, "height": 40, "objects": object_columns(1, **told)}
    return json.dumps(unknown_record() | facts).encode()


RUNS = {"rle_counts": [rle.to_text(rle.encode(MASK)).decode()], "rle_size": [[40, 60]]}
RING = {"polygons": [[[30.0, 10.0, 50.0, 10.0, 50.0, 20.0, 30.0, 20.0]]]}


def drawn(fields, scale=4):
    """Which pixels of the image itself something was drawn over, by majority."""
    plain = Image.new("RGB", (60 * scale, 40 * scale), GRAY)
    over = np.array(draw_annotations(plain, fields)) != GRAY
    return over.any(axis=2).reshape(40, scale, 60, scale).mean(axis=(1, 3)) > 0.5


@pytest.mark.parametrize("shape", [RUNS, RING], ids=["mask", "polygon"])
def test_an_area_is_drawn_where_its_pixels_are(shape):
    over = drawn({"json": record(**shape)})
    # the outline of a polygon may reach half a pixel of the page beyond it
    assert (over ^ (MASK > 0)).sum() <= 20


def test_a_dense_mask_is_drawn_where_it_is_not_0():
    out = io.BytesIO()
    Image.fromarray(MASK * 7).save(out, "png")
    np.testing.assert_array_equal(drawn({"seg.png": out.getvalue()}), MASK > 0)


def test_a_keypoint_is_a_dot_on_its_pixel_and_one_not_set_is_none():
    box = {"bbox": [[0.0, 0.0, 0.0, 0.0]]}
    seen = drawn({"json": record(**box, keypoints=[[40.0, 15.0, 2.0, 5.0, 35.0, 0.0]])}, scale=5)
    assert seen[15, 40]
    assert not seen[30:, :].any()


def test_a_box_is_an_outline():
    page = np.array(draw_annotations(Image.new("RGB", (60, 40), GRAY), {"json": record()}))
    assert (page[10, 30:50] != GRAY).any(axis=1).all()
    assert (page[10:20, 49] != GRAY).any(axis=1).all()
    assert (page[15, 35] == GRAY).all()


@pytest.mark.parametrize("data", [b"", b"{", b'{"a": 1}', b'{"objects": []}'])
def test_a_json_of_anybody_draws_nothing(data):
    assert not annotated({"json": data})
    plain = Image.new("RGB", (60, 40), GRAY)
    assert draw_annotations(plain, {"json": data}).tobytes() == plain.tobytes()


@pytest.fixture
def out(tmp_path):
    """A finished job over ten images, blue where their object is, that crops and flips them."""
    image = np.full((40, 60, 3), GRAY, np.uint8)
    image[MASK > 0] = BLUE
    data = io.BytesIO()
    Image.fromarray(image).save(data, "png")
    with tarfile.open(tmp_path / "in.tar", "w") as tar:
        for n in range(10):
            for name, content in (("png", data.getvalue()), ("json", record(**RING))):
                member = tarfile.TarInfo(f"s{n}.{name}")
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    steps = [{"center_crop": [30, 40]}, {"flip": "horizontal"}]
    png = [{"image": "png"}]
    job = Job(source=str(tmp_path / "in.tar"), output=str(tmp_path / "out"), transforms=steps,
              outputs=png)  # fmt: skip
    pixelmill.run(job)
    return str(tmp_path / "out")


def test_before_and_after_the_boxes_are_around_what_is_blue(out):
    pairs = folder_pairs(out, "", 3)
    assert [pair.key for pair in pairs] == ["s1", "s5", "s8"]
    for pair in pairs:
        for data, fields in zip((pair.before, pair.after), pair.fields, strict=True):
            blue = np.array(Image.open(io.BytesIO(data)))[..., 2] > 150
            [[x, y, width, height]] = json.loads(fields["json"])["objects"]["bbox"]
            ys, xs = np.nonzero(blue)
            assert (x, y) == (xs.min(), ys.min())
            assert (x + width, y + height) == (xs.max() + 1, ys.max() + 1)


def test_the_command_writes_a_sheet(out, tmp_path):
    path = tmp_path / "sheet.png"
    done = CliRunner().invoke(cli, ["sheet", out, str(path), "--samples", "4"])
    assert done.exit_code == 0, done.output
    assert "4 samples before and after" in done.output
    with Image.open(path) as page:
        assert page.size[0] > 1000


def test_an_output_that_is_not_there_is_named(out):
    with pytest.raises(OutputInUse, match=r"'mine' has no samples yet; .* name one of train"):
        folder_pairs(out, "mine", 3)


def test_samples_that_were_exchanged_are_found_too(tmp_path, out):
    job = {"source": str(tmp_path / "in.tar"), "output": str(tmp_path / "mixed"), "shuffle": True}
    pixelmill.run(Job(**job))
    assert len(folder_pairs(job["output"], "", 5)) == 5
