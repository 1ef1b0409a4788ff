"""Bombs through the whole job: refused by a limit that is named, in the memory that they may have.

The peaks are those of a child that does nothing else.
"""

import pytest
from bombs import IMAGES, SHARDS, avif_that_lies, gif, saved, tiff_pages
from children import write_tar

pytestmark = pytest.mark.slow

GOOD = saved("JPEG", (64, 48))
PIXELS, SAMPLE = 4_000_000, 8 << 20
# Beyond what a child takes for one small photograph: of `max_pixels` pixels four bytes each in
# Pillow, twice while they are converted, three as an array and three as a file; of `max_sample` the
# sample as it is read, written and put; and the pieces that a shard is read and unpacked in.
PIXELS_ALLOWED = PIXELS * (4 + 4 + 3 + 3)
SAMPLE_ALLOWED = 3 * SAMPLE + (32 << 20)
MENDS = {
    "too_many_pixels": "decode.max_pixels",
    "too_many_scans": "decode.max_scans",
    "member_too_large": "source.max_sample",
}


@pytest.fixture
def peaks(figures, tried):
    """{bomb: bytes beyond what a small photograph takes}."""
    tried["bombs"] += 1
    return figures["peak_bytes_under_bombs"]


@pytest.fixture(scope="module")
def base(children, tmp_path_factory):
    """What a child takes for a small photograph."""
    folder = tmp_path_factory.mktemp("base")
    return run(children, folder, write_tar(folder / "in.tar", [("good.jpg", GOOD)]))["peak"]


def run(children, folder, shard, **more):
    facts = {
        "source": {"urls": shard, "kind": "webdataset", "max_sample": SAMPLE},
        "output": str(folder / "out"),
        "decode": {"max_pixels": PIXELS},
    }
    told = children.run(**{**facts, **more})
    assert told["status"] == 0, told
    assert "error" not in told["result"], told["result"]
    assert not told["result"]["failed"]
    return told


@pytest.mark.parametrize("name", IMAGES)
def test_a_bomb_costs_one_sample_and_no_more_memory_than_it_may(
    name, children, base, peaks, tmp_path
):
    make, reason = IMAGES[name]
    shard = write_tar(tmp_path / "in.tar", [("bomb.img", make()), ("good.jpg", GOOD)])
    told = run(children, tmp_path, shard)
    result, peaks[name] = told["result"], max(0, told["peak"] - base)
    assert peaks[name] < PIXELS_ALLOWED + SAMPLE_ALLOWED
    assert told["seconds"] < 10
    if not reason:
        assert result["tally"]["written"] + len(result["whys"]) == 2
        return
    assert result["tally"]["written"] == 1
    [(found, message)] = result["whys"].values()
    assert found == reason
    assert MENDS.get(reason, "") in message


@pytest.mark.parametrize("name", SHARDS)
def test_a_bomb_of_a_shard_takes_no_more_memory_and_time_than_it_may(
    name, children, base, peaks, tmp_path
):
    make, reasons, damaged = SHARDS[name]
    path = tmp_path / "in.tar"
    path.write_bytes(make())
    told = run(children, tmp_path, str(path))
    result, peaks[name] = told["result"], max(0, told["peak"] - base)
    assert peaks[name] < SAMPLE_ALLOWED
    assert told["seconds"] < 10
    assert result["tally"]["quarantined"] == reasons
    assert bool(result["damaged"]) == damaged
    for reason, message in result["whys"].values():
        assert MENDS.get(reason, "") in message


def test_a_file_of_a_folder_that_is_too_large_is_not_read(children, base, peaks, tmp_path):
    photos = tmp_path / "photos"
    photos.mkdir()
    (photos / "good.jpg").write_bytes(GOOD)
    with open(photos / "huge.jpg", "wb") as file:
        file.truncate(2 << 30)
    source = {"urls": str(photos), "max_sample": SAMPLE}
    told = run(children, tmp_path, "", source=source)
    peaks["file of 2 GB in a folder"] = max(0, told["peak"] - base)
    assert told["peak"] - base < SAMPLE_ALLOWED
    assert told["result"]["tally"]["written"] == 1
    [(reason, message)] = told["result"]["whys"].values()
    assert reason == "member_too_large"
    assert "source.max_sample" in message


@pytest.mark.parametrize("make", [lambda: gif(1, 1, 20_000), lambda: tiff_pages(20_000)])
def test_thousands_of_frames_are_one_image_or_refused_as_the_job_says(make, children, tmp_path):
    shard = write_tar(tmp_path / "in.tar", [("many.img", make())])
    first = run(children, tmp_path, shard, outputs=[{"image": "npy"}])
    assert first["result"]["tally"]["written"] == 1
    decode = {"max_pixels": PIXELS, "animation": "refuse"}
    refused = run(children, tmp_path, shard, decode=decode, output=str(tmp_path / "other"))
    [(reason, message)] = refused["result"]["whys"].values()
    assert reason == "animated"
    assert "decode.animation" in message


def test_an_avif_whose_container_lies_costs_what_it_truly_holds(children, base, peaks, tmp_path):
    """Only libavif sees the true size: it decodes up to 268 megapixels, its own limit, and scales
    them to what the container says.  That is the one way past `decode.max_pixels`."""
    bomb = avif_that_lies(4000, 16)
    shard = write_tar(tmp_path / "in.tar", [("bomb.avif", bomb), ("good.jpg", GOOD)])
    told = run(children, tmp_path, shard)
    peaks["avif that lies about 4,000 x 4,000"] = max(0, told["peak"] - base)
    assert told["result"]["tally"]["written"] == 2
    assert told["peak"] - base < 4 * 4000**2 + SAMPLE_ALLOWED
