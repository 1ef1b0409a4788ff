import gc
import io
import tarfile
import threading
import weakref
from pathlib import Path

import numpy as np
import pytest
import simplejpeg

from pixelmill import Job, batches, run
from pixelmill.errors import BudgetExceeded, JobError
from pixelmill.storage import Upload

PIXELS = {"format": "npy", "dtype": "float32", "layout": "chw"}
STEPS = [{"resize": 72}, {"center_crop": 64}, "normalize"]
DRAWN = [{"random_resized_crop": 64}, {"flip": {"probability": 0.5}}, "normalize"]


def job(shards, output="unused", steps=STEPS, image=PIXELS, **more):
    facts = {"max_failures": 10, "executor": {"kind": "inline"}, **more}
    return Job(
        source=shards, output=str(output), transforms=steps, outputs=[{"image": image}], **facts
    )


def written(folder):
    """The arrays that a run wrote, by key, in order."""
    found = {}
    for shard in sorted(folder.glob("*.tar")):
        with tarfile.open(shard) as tar:
            for member in tar:
                key, _, field = member.name.partition(".")
                if field == "npy":
                    found[key] = np.load(io.BytesIO(tar.extractfile(member).read()))
    return found


def shard(folder, sizes, name="in.tar", fields=lambda number: {}):
    """A tar of one JPEG for each (height, width)."""
    from pixelmill.shards.writer import TarWriter

    rng = np.random.default_rng(5)
    with Upload(str(folder / name)) as upload:
        tar = TarWriter(upload.write)
        for number, (height, width) in enumerate(sizes):
            image = rng.integers(0, 256, (height, width, 3), np.uint8)
            data = simplejpeg.encode_jpeg(image, 90) if height else b"\xff\xd8\xff broken"
            tar.add(f"s{number:03d}", {"jpg": data, **fields(number)})
        tar.close()
        upload.commit()
    return str(folder / name)


@pytest.fixture(scope="module")
def ran(photos, tmp_path_factory):
    """A job with crops of its own for each sample, what a run of it wrote, and the run's tally."""
    folder = tmp_path_factory.mktemp("ran")
    drawn = job(photos, folder, DRAWN)
    return drawn, written(folder) if (report := run(drawn)) else {}, report.tally


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_pixels_order_and_tally_are_those_of_a_run(ran, workers):
    drawn, arrays, tally = ran
    made = batches(drawn, 5, workers=workers)
    keys = []
    for batch in made:
        for key, image in zip(batch.keys, batch.images, strict=True):
            np.testing.assert_array_equal(image, arrays[key])
        keys += batch.keys
    assert keys == list(arrays)
    assert made.tally == tally
    assert "undecodable" in made.failures[0]


@pytest.mark.parametrize(
    ("steps", "image"),
    [
        (STEPS, {**PIXELS, "dtype": "float16"}),
        (STEPS, {**PIXELS, "layout": "hwc"}),
        ([*STEPS[:2], "invert"], {**PIXELS, "dtype": "uint8"}),
        (STEPS[:2], {"format": "npy"}),
        (STEPS[:2], PIXELS),
    ],
)
def test_dtype_and_layout_are_those_that_the_output_writes(photos, tmp_path, steps, image):
    asked = job(photos, tmp_path, steps, image)
    run(asked)
    arrays = written(tmp_path)
    for batch in batches(asked, 7, workers=2):
        assert batch.images.flags.c_contiguous
        for key, pixels in zip(batch.keys, batch.images, strict=True):
            assert pixels.dtype == arrays[key].dtype
            np.testing.assert_array_equal(pixels, arrays[key])


def test_levels_are_given_before_they_are_encoded(tmp_path):
    url = shard(tmp_path, [(40, 50)])
    (batch,) = batches(job(url, steps=[], image="jpeg"), 4)
    with tarfile.open(url) as tar:
        data = tar.extractfile("s000.jpg").read()
    np.testing.assert_array_equal(batch.images[0], simplejpeg.decode_jpeg(data))


@pytest.mark.parametrize("workers", [1, 3])
def test_samples_that_are_left_out_leave_no_gap(tmp_path, workers):
    sizes = [(0, 0) if n % 7 == 3 else (20, 20) if n % 5 == 1 else (80, 90) for n in range(61)]
    url = shard(tmp_path, sizes)
    asked = job(url, tmp_path / "out", [{"min_size": 50}, *STEPS])
    tally = run(asked).tally
    arrays = written(tmp_path / "out")
    made = batches(asked, 8, workers=workers)
    found = list(made)
    assert [len(batch) for batch in found] == [8] * (len(arrays) // 8) + [len(arrays) % 8]
    assert [key for batch in found for key in batch.keys] == list(arrays)
    np.testing.assert_array_equal(
        np.concatenate([batch.images for batch in found]), np.stack(list(arrays.values()))
    )
    assert made.tally == tally
    assert made.tally.dropped
    assert made.tally.quarantined


def test_another_epoch_is_drawn_anew_and_each_is_the_same_every_time(photos):
    def pixels(**how):
        return np.concatenate(
            [batch.images for batch in batches(job(photos, steps=DRAWN), 9, **how)]
        )

    first, second = pixels(), pixels(epoch=1)
    assert np.mean(first != second) > 0.5
    np.testing.assert_array_equal(second, pixels(epoch=1, workers=3))
    assert np.mean(first != pixels(seed=1)) > 0.5


def test_the_last_batch_can_be_left_out_and_is_counted(tmp_path):
    made = batches(job(shard(tmp_path, [(70, 70)] * 10)), 4, drop_last=True)
    assert [len(batch) for batch in made] == [4, 4]
    assert (made.tally.read, made.tally.written) == (10, 8)
    assert made.tally.dropped == {"last_batch": 2}
    assert made.tally.outputs == {"train": 8}


def test_the_tally_is_that_of_what_was_handed_out(tmp_path):
    with batches(job(shard(tmp_path, [(70, 70)] * 40)), 4) as made:
        next(made)
        assert (made.tally.read, made.tally.written) == (4, 4)


def test_labels_and_json_come_with_the_images(tmp_path):
    told = [{"cls": b"3", "json": b'{"a": 1}'}, {"cls": b"cat"}, {}]
    (batch,) = batches(job(shard(tmp_path, [(70, 70)] * 3, fields=told.__getitem__)), 4)
    assert batch.labels.dtype == np.int64
    assert batch.labels.tolist() == [3, -1, -1]
    assert batch.json == [{"a": 1}, None, None]


def test_images_of_different_sizes_are_told_with_the_way_out(tmp_path):
    asked = job(shard(tmp_path, [(70, 70)] * 5 + [(70, 90)]), steps=[{"resize": 64}], image="npy")
    for workers in (1, 4):
        with pytest.raises(
            JobError, match=r"s000 of .* \(64, 64, 3\) and s005 of .*\(64, 82.*center_crop"
        ):
            list(batches(asked, 6, workers=workers))


def test_each_batch_may_have_its_own_size(tmp_path):
    asked = job(
        shard(tmp_path, [(70, 70)] * 4 + [(70, 90)] * 4), steps=[{"resize": 64}], image="npy"
    )
    shapes = [batch.images.shape for batch in batches(asked, 4, workers=3)]
    assert shapes == [(4, 64, 64, 3), (4, 64, 82, 3)]


def test_too_many_failures_end_it(tmp_path):
    asked = job(shard(tmp_path, [(0, 0), (70, 70), (0, 0)]), max_failures=1)
    with pytest.raises(BudgetExceeded, match=r"2 samples \(undecodable 2\) failed.*allows 1.*s002"):
        list(batches(asked, 2))


def test_a_shard_that_is_cut_short_is_told_and_the_next_is_read(tmp_path):
    cut = tmp_path / "a.tar"
    cut.write_bytes(Path(shard(tmp_path, [(70, 70)] * 3)).read_bytes()[:-14_000])
    made = batches(job([str(cut), shard(tmp_path, [(70, 70)] * 2, "b.tar")]), 9)
    with pytest.warns(RuntimeWarning, match="cut short"):
        (batch,) = made
    assert batch.keys[-2:] == ("s000", "s001")
    assert "cut short" in made.damaged[0]


@pytest.mark.parametrize("workers", [1, 3])
def test_no_thread_outlives_it(tmp_path, workers):
    before = set(threading.enumerate())
    made = batches(job(shard(tmp_path, [(70, 70)] * 60)), 2, workers=workers)
    next(made)
    assert set(threading.enumerate()) - before
    del made  # as a loop that was left: nobody called close
    gc.collect()
    assert set(threading.enumerate()) <= before


def test_few_batches_are_in_memory_at_once(tmp_path, monkeypatch):
    from pixelmill.feed.pages import Page

    alive, most = weakref.WeakSet(), []
    monkeypatch.setattr(Page, "__init__", noting(Page.__init__, alive, most))
    for _ in batches(job(shard(tmp_path, [(70, 70)] * 80)), 4, workers=2, waiting=2):
        pass
    assert len(most) == 20
    # being made, and one that the next samples have begun
    assert max(most) <= 3


def noting(init, alive, most):
    def noted(page, *facts):
        init(page, *facts)
        alive.add(page)
        most.append(len(alive))

    return noted


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"shuffle": True}, "shuffle: batches are made without it"),
        ({"untouched": True, "steps": [], "image": "jpeg"}, "untouched: batches are made without"),
        ({"split": {"fractions": {"a": 0.5, "b": 0.5}}}, "one output, got a, b"),
    ],
)
def test_a_job_that_needs_the_whole_dataset_is_refused(more, said):
    asked = job("in.tar", **more)
    with pytest.raises(JobError, match=said):
        batches(asked, 4)


def test_sizes_are_checked_before_anything_runs(tmp_path):
    asked = job(shard(tmp_path, [(70, 70)]))
    with pytest.raises(JobError, match="size: expected 1 or more, got 0"):
        batches(asked, 0)


def test_the_kernel_writes_straight_into_the_batch(tmp_path, monkeypatch):
    from pixelmill.feed.pages import Page

    monkeypatch.setattr(Page, "put", lambda *_: pytest.fail("an image was copied"))
    asked = job(shard(tmp_path, [(70, 90)] * 10), steps=DRAWN)
    assert [len(batch) for batch in batches(asked, 4, workers=2)] == [4, 4, 2]


def test_a_batch_that_is_kept_is_never_written_over(tmp_path):
    asked = job(shard(tmp_path, [(70, 90)] * 60))
    kept = [batch.images[1:] for batch in batches(asked, 4)]  # views alone, as torch's are
    again = [batch.images[1:].copy() for batch in batches(asked, 4)]
    np.testing.assert_array_equal(np.concatenate(kept), np.concatenate(again))
