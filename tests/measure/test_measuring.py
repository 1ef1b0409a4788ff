"""The parts that measure: each does the work it says, all of it, and leaves nothing behind."""

import os
import subprocess
import sys
import threading

import pytest

from pixelmill import Job, storage
from pixelmill.demo.samples import make_sample
from pixelmill.measure.asked import Asked
from pixelmill.measure.course import worker_counts
from pixelmill.measure.figures import Sheet
from pixelmill.measure.floor import CodecFloor
from pixelmill.measure.machine import caches, machine_facts
from pixelmill.measure.others import Others
from pixelmill.measure.own import measure_job
from pixelmill.measure.pace import Load, run_at_pace
from pixelmill.measure.pinning import pinned
from pixelmill.measure.scratch import scratch_below
from pixelmill.measure.sides import SIDES, Sides, held
from pixelmill.measure.stores import note_folder, note_source
from pixelmill.measure.turns import Probe, by_turns
from pixelmill.plan import make_plan
from pixelmill.sample import Sample


@pytest.fixture
def load(photos, tmp_path):
    """Five samples of each of three shards of eight; two tasks a worker."""
    job = Job(source=photos, output=tmp_path / "out", transforms=[{"resize": 64}])
    return Load(job, make_plan(job).tasks, str(tmp_path / "scratch"), samples=5, tasks_each=2)


def camera(**decode):
    job = Job(source="unused", output="unused", transforms=[{"resize": 256}], decode=decode)
    return CodecFloor(job, [Sample(*make_sample(0, 0, "camera", {}))])


def test_a_run_does_the_first_samples_of_its_tasks_and_no_others(load, tmp_path):
    pace = run_at_pace(load, workers=3)
    assert pace.images == 3 * 2 * 5
    assert pace.steps["decode"] > 0
    assert pace.cpu > 0
    assert pace.peak_rss > pace.bytes_written > 0
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob("scratch/*"))


def test_a_job_without_samples_cannot_be_measured(tmp_path, load):
    empty = tmp_path / "empty.tar"
    empty.write_bytes(bytes(1024))
    job = Job(source=empty, output=tmp_path / "out")
    nothing = Load(job, make_plan(job).tasks, load.scratch, 5)
    with pytest.raises(FileNotFoundError, match=r"no sample could be read from .*empty\.tar"):
        run_at_pace(nothing, 1)
    with pytest.raises(FileNotFoundError, match=r"empty\.tar"):
        held(nothing)


@pytest.mark.parametrize("workers", [1, 2])
def test_each_side_does_the_same_images_and_leaves_nothing(load, tmp_path, workers):
    sides = Sides(load, held(load))
    for side in SIDES:
        spent = sides.spent(side, workers)
        assert spent.images == workers * 2 * 5, side
        assert spent.bytes > 0
    assert not list(tmp_path.glob("scratch/*"))


def test_the_floor_decodes_at_the_scale_that_the_job_does():
    floor = camera(scale="auto")
    assert floor.decodings[0].least == (512, 682)  # twice the target
    assert min(floor.spent()) > 0


def test_the_floor_encodes_what_the_job_writes(photos):
    small = {"name": "small", "image": {"format": "npy", "layout": "chw"}}
    small["transforms"] = [{"resize": {"size": [32, 48], "mode": "exact"}}]
    job = Job(source=photos, output="unused", outputs=[small, {"image": "webp"}])
    floor = CodecFloor(job, [Sample(*make_sample(0, 0, "imagenet", {}))])
    array, webp = floor.encodings
    assert array.image.shape == (32, 48, 3)
    assert webp.options.format == "webp"
    assert webp.image.shape[:2] == (
        floor.decodings[0].header.height,
        floor.decodings[0].header.width,
    )


def test_what_is_copied_has_no_floor(photos):
    job = Job(source=photos, output="unused", untouched=True)
    assert CodecFloor(job, [Sample(*make_sample(0, 0, "imagenet", {}))]).is_nothing


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="this system pins nothing")
def test_threads_that_start_while_pinned_stay_on_its_cores():
    before, seen = os.sched_getaffinity(0), []
    with pinned(1):
        thread = threading.Thread(target=lambda: seen.append(os.sched_getaffinity(0)))
        thread.start()
        thread.join()
    assert len(seen[0]) == 1
    assert os.sched_getaffinity(0) == before


@pytest.mark.parametrize("url", ["{}/disk", "memory://bench-stores"])
def test_a_store_is_measured_and_left_as_it_was(tmp_path, url):
    sheet = Sheet()
    with scratch_below(url.format(tmp_path)) as folder:
        note_folder(sheet, "storage", folder, large=4 << 20)
    names = {figure.name for figure in sheet.figures}
    assert {"write one file", "read one file", "ranges of 1 MiB", "puts of 100 kB"} <= names
    assert all(figure.value > 0 for figure in sheet.figures)
    assert not storage.exists(folder)


def test_ranges_are_those_of_the_source(load):
    sheet = Sheet()
    note_source(sheet, load.tasks)
    assert [figure.group for figure in sheet.figures] == ["storage of the source"] * 2


def test_a_folder_of_files_is_read_by_whole_files(tmp_path):
    for number in range(3):
        (tmp_path / f"{number}.jpg").write_bytes(make_sample(number, 0, "imagenet", {})[1]["jpg"])
    sheet = Sheet()
    note_source(sheet, make_plan(Job(source=tmp_path, output=tmp_path / "out")).tasks)
    assert sheet.figures[0].name == "whole files"


def test_the_first_time_does_not_count_and_probes_take_turns():
    order = []

    def probe(name):
        return Probe(name, lambda sheet: (order.append(name), sheet.note(name, "x", 1, "u")))

    sheet = by_turns([probe("a"), probe("b")], 2, lambda _: None)
    assert order == ["a", "b"] * 3
    assert [len(figure.rounds) for figure in sheet.figures] == [2, 2]


def test_worker_counts_double_up_to_the_cores():
    assert worker_counts(1) == [1]
    assert worker_counts(6) == [1, 2, 4, 6]
    assert worker_counts(8) == [1, 2, 4, 8]


def test_the_machine_tells_what_figures_depend_on():
    facts = machine_facts()
    assert {
        "processor",
        "cores",
        "simd",
        "caches",
        "commit",
        "numba",
        "load_before",
    } <= facts.keys()
    assert all(size >= 4096 for size in caches().values())
    assert len(facts["commit"].split()[0]) == 40


@pytest.mark.skipif(sys.platform != "linux", reason="/proc/stat is Linux's")
def test_other_programs_on_the_cores_are_seen():
    others = Others()
    spin = "import time\nwhile time.process_time() < 0.4: pass"
    subprocess.run([sys.executable, "-c", spin], check=True)
    seconds = others.share() * len(os.sched_getaffinity(0))
    assert seconds > 0.1


def test_an_interrupted_measurement_removes_its_folder(photos, tmp_path):
    job = Job(source=photos, output=tmp_path / "out", transforms=[{"resize": 64}])

    def interrupted(what):
        if what.startswith("round 1"):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure_job(job, Asked(rounds=1, images=4), interrupted)
    assert not list(tmp_path.iterdir())


@pytest.mark.s3
@pytest.mark.slow
def test_a_job_in_a_bucket_is_measured_there_and_the_bucket_left_as_it_was(s3, photos):
    base = f"{s3.url}/bench"
    with open(photos[0], "rb") as file:
        storage.write(f"{base}/in/train-000.tar", file.read())
    job = Job(source=f"{base}/in", output=f"{base}/out", transforms=[{"resize": 64}])
    results = measure_job(job, Asked(rounds=1, images=4, workers=1), lambda _: None)
    groups = {figure.group for figure in results.figures}
    assert {"storage of the source", "storage of the output", "the job, one core"} <= groups
    fs, path = storage.filesystem(base)
    fs.invalidate_cache()
    assert fs.find(path) == [f"{path}/in/train-000.tar"]
