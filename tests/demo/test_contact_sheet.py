"""The contact sheet: the right pairs, at honest sizes, on one page."""

import io
import tarfile

import numpy as np
import pytest
from PIL import Image

from pixelmill.demo.contact_sheet import contact_sheet, draw_sheet
from pixelmill.demo.pairs import Pair, find_pairs, picture


def encoded(color, size, kind="JPEG"):
    sink = io.BytesIO()
    Image.new("RGB", size, color).save(sink, kind, quality=95)
    return sink.getvalue()


def shard(path, samples):
    with tarfile.open(path, "w") as tar:
        for key, data in samples.items():
            for name, content in ((f"{key}.cls", b"7"), (f"{key}.jpg", data)):
                member = tarfile.TarInfo(name)
                member.size = len(content)
                tar.addfile(member, io.BytesIO(content))
    return str(path)


@pytest.fixture
def job(tmp_path):
    """Two input shards of ten red samples; an output shard of each, blue, less the third sample."""
    keys = [[f"{number}-{n}" for n in range(10)] for number in range(2)]
    before = [
        shard(tmp_path / f"in-{n}.tar", {key: encoded("red", (60, 40)) for key in part})
        for n, part in enumerate(keys)
    ]
    after = [
        shard(
            tmp_path / f"out-{n}.tar",
            {key: encoded("blue", (30, 20)) for key in part if key[2:] != "2"},
        )
        for n, part in enumerate(keys)
    ]
    return before, after


def test_pairs_are_found_by_key_and_come_from_every_shard(job):
    pairs = find_pairs(*job, count=6)
    assert len({pair.key for pair in pairs}) == 6
    assert [pair.key[0] for pair in pairs] == ["0"] * 3 + ["1"] * 3
    assert all(picture(pair.before).getpixel((5, 5))[0] > 250 for pair in pairs)
    assert all(picture(pair.after).getpixel((5, 5))[2] > 250 for pair in pairs)


def test_fewer_samples_than_asked_are_all_there(job):
    before, after = job
    assert [pair.key for pair in find_pairs(before, after[:1], 99)] == [
        f"0-{n}" for n in range(10) if n != 2
    ]


def test_an_input_shard_after_the_last_one_that_is_needed_is_not_read(job):
    before, after = job
    assert len(find_pairs([before[0], "/nowhere/shard.tar"], after[:1], 4)) == 4


@pytest.mark.parametrize(("name", "format"), [("sheet.png", "PNG"), ("sheet.jpg", "JPEG")])
def test_the_sheet_is_written_as_its_name_says(job, tmp_path, name, format):
    assert contact_sheet(*job, str(tmp_path / name), pairs=5) == 5
    image = Image.open(tmp_path / name)
    image.load()
    assert image.format == format


def test_shards_of_another_job_are_refused(job, tmp_path):
    other = shard(tmp_path / "other.tar", {"elsewhere": encoded("red", (9, 9))})
    with pytest.raises(ValueError, match="shards of one job"):
        contact_sheet([other], job[1], str(tmp_path / "sheet.png"))
    assert not (tmp_path / "sheet.png").exists()


def test_after_is_drawn_at_the_scale_of_before():
    pair = Pair("key", encoded("red", (600, 400), "PNG"), encoded("blue", (450, 300), "PNG"))
    page = np.asarray(draw_sheet([pair], "test"))
    red = (page == (255, 0, 0)).all(axis=2).sum()
    blue = (page == (0, 0, 255)).all(axis=2).sum()
    # three quarters in both directions; a row and a column may be lost to rounding
    assert blue / red == pytest.approx((3 / 4) ** 2, rel=0.02)


def test_an_array_is_shown_stretched_whatever_its_layout():
    levels = np.linspace(-2, 2, 3 * 4 * 5, dtype=np.float32).reshape(3, 4, 5)
    sink, other = io.BytesIO(), io.BytesIO()
    np.save(sink, levels)
    np.save(other, levels.transpose(1, 2, 0))
    shown = picture(sink.getvalue())
    assert shown.size == (5, 4)
    assert shown.getextrema()[0][0] == 0
    assert shown.getextrema()[2][1] == 255
    assert shown.tobytes() == picture(other.getvalue()).tobytes()
