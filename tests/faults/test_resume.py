"""Going on: refused where the job or an input is another one, with the difference; `only_new`."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
import simplejpeg
from lives import committed, contents, job_of, write_inputs

import pixelmill
from pixelmill import storage
from pixelmill.errors import JobError, OutputInUse
from pixelmill.job import job_from
from pixelmill.status import status
from pixelmill.verify import verify


@pytest.fixture
def source(quick_path):
    return write_inputs(quick_path / "in", shards=3)


@pytest.fixture
def out(quick_path):
    return quick_path / "out"


def run(source, out, kind="plain", only_new=False, **more):
    return pixelmill.run(job_from({**job_of(kind, source, out), **more}), only_new=only_new)


def same_size(path):
    """Other bytes of the same length, a moment later."""
    data = bytearray(path.read_bytes())
    data[700] ^= 1
    path.write_bytes(data)
    later = path.stat().st_mtime_ns + 1
    os.utime(path, ns=(later, later))


def longer(path):
    before = path.stat()
    path.write_bytes(path.read_bytes() + bytes(512))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("change", [same_size, longer])
@pytest.mark.parametrize("only_new", [False, True])
def test_an_input_with_other_bytes_is_refused_by_its_name(source, out, change, only_new):
    run(source, out)
    before = committed(out)
    change(Path(source[1]))
    with pytest.raises(OutputInUse, match=r"input changed: .*in-001\.tar .*stamp .* before"):
        run(source, out, only_new=only_new)
    assert committed(out) == before


@pytest.mark.parametrize("only_new", [False, True])
def test_an_input_that_is_gone_is_refused_by_its_name(source, out, only_new):
    run(source, out)
    with pytest.raises(OutputInUse, match=r"input gone: .*in-002\.tar"):
        run(source[:2], out, only_new=only_new)


def test_inputs_in_another_order_are_another_job_and_it_says_so(source, out):
    run(source, out)
    with pytest.raises(OutputInUse, match=r"another order: .*in-002\.tar stands where .*in-000"):
        run(source[::-1], out)


def test_every_changed_word_of_the_job_is_told(source, out):
    run(source, out)
    with pytest.raises(OutputInUse) as refused:
        run(source, out, seed=5, decode={"color": "gray"}, transforms=[{"resize": 40}])
    said = str(refused.value)
    assert "seed: 0 before, 5 now" in said
    assert 'decode.color: "rgb" before, "gray" now' in said
    assert "transforms: " in said


def test_what_changes_no_bytes_may_change(source, out):
    run(source[:], out)
    executor = {"kind": "inline", "workers": 1}
    assert run(source, out, executor=executor, max_failures=5).exit_code == 0


def test_an_added_input_is_refused_and_the_way_is_told(source, out):
    run(source[:2], out)
    with pytest.raises(OutputInUse, match=r"input added: .*in-002(.|\n)*with --only-new"):
        run(source, out)


@pytest.mark.s3
def test_an_object_of_the_same_size_and_another_etag_is_refused(s3, quick_path, source):
    url = f"{s3.url}/resume/in.tar"
    data = bytearray(Path(source[0]).read_bytes())
    storage.write(url, bytes(data))
    run([url], quick_path / "out")
    data[700] ^= 1
    storage.write(url, bytes(data))
    with pytest.raises(OutputInUse, match=r"input changed: s3://.*in\.tar"):
        run([url], quick_path / "out")


def test_only_new_does_the_added_shards_alone_and_the_manifest_covers_all(quick_path, source, out):
    run(source[1:], out)
    before, shards = committed(out), contents(out)
    report = run(source, out, only_new=True)  # in front of the others by name
    assert report.exit_code == 0
    assert report.ran == ["000002"]
    assert {name: committed(out)[name] for name in before} == before
    assert report.tally.read == 18
    manifest = json.loads((out / "manifest.json").read_text())
    assert manifest["tally"]["read"] == 18
    listed = {s["name"] for o in manifest["outputs"].values() for s in o["shards"]}
    assert listed == {path.name for path in out.glob("*.tar")}
    assert verify(str(out)).problems == []
    # As if all had been there from the start, in the order in which they came.
    run([*source[1:], source[0]], quick_path / "whole")
    whole = contents(quick_path / "whole")
    assert {n: d for n, d in contents(out).items() if n != "manifest.json"} == {
        n: d for n, d in whole.items() if n != "manifest.json"
    }
    assert shards.items() - {("manifest.json", shards["manifest.json"])} <= whole.items()


def test_only_new_may_be_repeated_and_a_plain_run_goes_on_with_it(quick_path, source, out):
    versions = [run(source[:1], out).version]
    for count in (2, 3):
        report = run(source[:count], out, only_new=True)
        assert report.ran == [f"{count - 1:06d}"]
        assert status(str(out)).tasks == status(str(out)).done == count
        versions.append(report.version)
    assert len({*versions}) == 3
    for only_new in (True, False):
        again = run(source, out, only_new=only_new)
        assert again.ran == []
        assert again.version == versions[-1]
    with pytest.raises(OutputInUse, match=r"input gone: .*in-000"):
        run(source[1:], out, only_new=True)


def test_tasks_of_several_shards_are_not_filled_up_by_what_is_added(source, out):
    facts = job_of("plain", source, out)
    urls = {"urls": source[:1], "per_task": 2}
    pixelmill.run(job_from({**facts, "source": urls}))
    before = committed(out)
    report = pixelmill.run(job_from({**facts, "source": urls | {"urls": source}}), only_new=True)
    assert report.ran == ["000001"]
    assert committed(out)["000000.json"] == before["000000.json"]
    assert report.tally.read == 18
    assert status(str(out)).tasks == 2


def test_in_a_new_folder_only_new_is_a_run_as_any_other(quick_path, source, out):
    assert run(source, out, only_new=True).version == run(source, quick_path / "other").version


@pytest.mark.parametrize("kind", ["shuffled", "surveyed"])
def test_what_would_be_made_anew_is_refused(source, out, kind):
    run(source[:2], out, kind)
    with pytest.raises(OutputInUse, match="shuffled or cut across tasks would all be made anew"):
        run(source, out, kind, only_new=True)


def test_images_in_a_folder_are_refused(quick_path, out):
    (quick_path / "photos").mkdir()
    data = simplejpeg.encode_jpeg(np.zeros((64, 64, 3), np.uint8))
    for name in ("a.jpg", "b.jpg"):
        (quick_path / "photos" / name).write_bytes(data)
        photos = [str(quick_path / "photos")]
        if name == "a.jpg":
            run(photos, out)
    with pytest.raises(OutputInUse, match="images in a folder move between tasks"):
        run(photos, out, only_new=True)


DEATHS = ["grow.inputs:1", "task.sample:2", "record.there:1", "manifest.card:1"]


@pytest.mark.parametrize("place", DEATHS)
@pytest.mark.parametrize("again", [True, False])
def test_killed_while_it_grows_it_goes_on_and_does_nothing_twice(
    warm, source, quick_path, out, place, again
):
    run(source[:2], out)
    before = committed(out)
    facts = job_of("plain", source, out)
    first = warm.run(facts, only_new=True, failpoint=f"{place}:kill")
    assert first.killed
    assert status(str(out)).finished == (place == "grow.inputs:1")
    if not again and place == "grow.inputs:1":  # nothing had been added yet
        assert run(source[:2], out).version
        return
    assert run(source, out, only_new=again).exit_code == 0
    assert {name: committed(out)[name] for name in before} == before
    assert verify(str(out)).problems == []
    run(source[:2], quick_path / "other")
    run(source, quick_path / "other", only_new=True)
    assert contents(out) == contents(quick_path / "other")


def test_a_source_that_cannot_be_listed_is_a_mistake_of_the_job(quick_path, out):
    with pytest.raises(JobError, match="nowhere"):
        run([str(quick_path / "nowhere.tar")], out, only_new=True)
