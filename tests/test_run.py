import hashlib
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
import simplejpeg

import pixelmill
from pixelmill import Job
from pixelmill.errors import InputMissing, JobError, OutputInUse
from pixelmill.retry import retry
from pixelmill.run import Watch
from pixelmill.status import status
from pixelmill.verify import verify

SMALL = [{"min_size": 64}, {"resize": 64}]


def job(photos, out, **more):
    facts = {"transforms": SMALL, "max_failures": 10, "executor": {"kind": "inline", "workers": 2}}
    return Job(**{"source": photos, "output": str(out), **facts, **more})


def digests(folder):
    """Every shard's sha256, and the manifest's."""
    files = [
        *Path(folder).glob("*.tar"),
        *Path(folder).glob("quarantine/*"),
        Path(folder, "manifest.json"),
    ]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def members(folder):
    found = {}
    for path in sorted(Path(folder).glob("*.tar")):
        with tarfile.open(path) as tar:
            found |= {m.name: tar.extractfile(m).read() for m in tar}
    return found


def test_the_main_job_writes_every_good_photograph_and_says_what_became_of_the_others(
    photos, tmp_path
):
    report = pixelmill.run(job(photos, tmp_path / "out"))
    assert report.exit_code == 0
    assert report.tally.read == 24
    assert report.tally.written == 22
    assert dict(report.tally.dropped) == {"too_small": 1}
    assert dict(report.tally.quarantined) == {"undecodable": 1}
    assert report.tally.notes["cmyk_converted"] == report.tally.notes["orientation_applied"] == 1
    assert report.tally.balances
    images = {name: data for name, data in members(tmp_path / "out").items() if "jpg" in name}
    assert len(images) == 22
    for data in images.values():
        assert min(simplejpeg.decode_jpeg(data).shape[:2]) == 64


def test_fields_that_are_no_images_pass_through_untouched(photos, tmp_path):
    pixelmill.run(job(photos, tmp_path / "out"))
    before = members(Path(photos[0]).parent)
    after = members(tmp_path / "out")
    assert {n for n in after if n.endswith(".json")}
    for name, data in after.items():
        if not name.endswith(".jpg"):
            assert data == before[name]


def test_an_image_that_nothing_touches_is_passed_through_byte_for_byte(photos, tmp_path):
    pixelmill.run(
        job(photos, tmp_path / "out", transforms=[{"min_size": 64}], outputs=[{"image": "keep"}])
    )
    before, after = members(Path(photos[0]).parent), members(tmp_path / "out")
    same = [name for name in after if name.endswith(".jpg") and after[name] == before.get(name)]
    # Gray, CMYK and turned photographs are changed by decoding, as asked.
    assert len(same) >= 17


@pytest.mark.parametrize("workers", [1, 3, 7])
def test_the_bytes_do_not_depend_on_the_workers(photos, tmp_path, workers):
    steps = [{"random_resized_crop": 48}, {"flip": {"probability": 0.5}}, {"rotate90": "random"}]
    for count in (2, workers):
        executor = {"kind": "inline", "workers": count}
        pixelmill.run(job(photos, tmp_path / str(count), transforms=steps, executor=executor))
    assert digests(tmp_path / "2") == digests(tmp_path / str(workers))


def test_another_seed_makes_other_bytes(photos, tmp_path):
    steps = [{"random_resized_crop": 48}]
    for seed in (0, 1):
        pixelmill.run(job(photos, tmp_path / str(seed), transforms=steps, seed=seed))
    first, second = members(tmp_path / "0"), members(tmp_path / "1")
    assert first.keys() == second.keys()
    assert all(first[n] != second[n] for n in first if n.endswith(".jpg"))


def test_a_finished_job_is_not_done_again(photos, tmp_path):
    first = pixelmill.run(job(photos, tmp_path / "out"))
    before = {p: p.stat().st_mtime_ns for p in (tmp_path / "out").glob("*.tar")}
    again = pixelmill.run(job(photos, tmp_path / "out"))
    assert again.exit_code == 0
    assert again.records == []
    assert again.version == first.version
    assert before == {p: p.stat().st_mtime_ns for p in (tmp_path / "out").glob("*.tar")}


class _StopAfterOne(Watch):
    def finished(self, record):
        raise KeyboardInterrupt


def test_an_interrupted_job_is_whole_as_far_as_it_went_and_goes_on(photos, tmp_path):
    executor = {"kind": "inline", "workers": 1}
    whole = pixelmill.run(job(photos, tmp_path / "whole", executor=executor))
    out = tmp_path / "out"
    report = pixelmill.run(job(photos, out, executor=executor), _StopAfterOne())
    assert report.exit_code == 130
    assert 1 <= report.done < 3
    assert not (out / "manifest.json").exists()
    shards = {p.name for p in out.glob("*.tar")}
    recorded = {json.loads(p.read_text())["shards"][0]["name"] for p in out.glob("ledger/0*.json")}
    assert shards == recorded
    assert not list(out.glob("**/.pixelmill-tmp*"))
    assert status(str(out)).done == report.done
    again = pixelmill.run(job(photos, out, executor=executor))
    assert again.exit_code == 0
    assert len(again.records) == 3 - report.done
    assert again.version == whole.version
    assert digests(out) == digests(tmp_path / "whole")


def test_a_folder_that_holds_another_job_is_refused_with_the_difference(photos, tmp_path):
    pixelmill.run(job(photos, tmp_path / "out"))
    with pytest.raises(OutputInUse, match=r"decode.color: \"rgb\" before, \"gray\" now"):
        pixelmill.run(job(photos, tmp_path / "out", decode={"color": "gray"}))


def test_changed_inputs_are_refused_by_name(photos, tmp_path):
    copies = []
    for shard in photos:
        copies.append(str(tmp_path / Path(shard).name))
        Path(copies[-1]).write_bytes(Path(shard).read_bytes())
    pixelmill.run(job(copies, tmp_path / "out"))
    with open(copies[1], "ab") as file:
        file.write(bytes(512))
    with pytest.raises(OutputInUse, match=r"input changed: .*train-001.tar"):
        pixelmill.run(job(copies, tmp_path / "out"))
    with pytest.raises(OutputInUse, match=r"input gone: .*train-002.tar"):
        pixelmill.run(job(copies[:2], tmp_path / "out"))


def test_a_folder_with_other_files_is_refused(photos, tmp_path):
    (tmp_path / "holiday.txt").write_text("mine")
    with pytest.raises(OutputInUse, match="holds files that no pixelmill job wrote"):
        pixelmill.run(job(photos, tmp_path))


def test_missing_inputs_are_told_before_anything_runs(tmp_path):
    with pytest.raises(JobError, match=r"source.urls: .*nowhere"):
        pixelmill.run(job([str(tmp_path / "nowhere-{0..3}.tar")], tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_one_pass_writes_several_sizes(photos, tmp_path):
    outputs = [
        {"name": "large", "transforms": [{"resize": 96}]},
        {"name": "small", "transforms": [{"resize": 48}, {"center_crop": 48}, "normalize"],
         "image": {"format": "npy", "dtype": "float16", "layout": "chw"}},
    ]  # fmt: skip
    report = pixelmill.run(
        job(photos, tmp_path / "out", transforms=[{"min_size": 64}], outputs=outputs)
    )
    assert report.tally.outputs == {"large": 22, "small": 22}
    found = members(tmp_path / "out")
    import io

    arrays = [np.load(io.BytesIO(data)) for name, data in found.items() if name.endswith(".npy")]
    assert {(a.shape, a.dtype.name) for a in arrays} == {((3, 48, 48), "float16")}
    sides = {
        min(simplejpeg.decode_jpeg(d).shape[:2]) for n, d in found.items() if n.endswith(".jpg")
    }
    assert sides == {96}


def test_shards_roll_over_at_so_many_samples(photos, tmp_path):
    pixelmill.run(job(photos, tmp_path / "out", outputs=[{"shards": {"samples": 3}}]))
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    shards = manifest["outputs"]["train"]["shards"]
    assert {shard["samples"] for shard in shards} <= {1, 2, 3}
    assert shards[1]["name"] == "train-000000-001.tar"
    assert sum(shard["samples"] for shard in shards) == 22


def test_too_many_failures_end_in_exit_code_1(photos, tmp_path):
    report = pixelmill.run(job(photos, tmp_path / "out", max_failures=0))
    assert report.exit_code == 1
    assert "1 samples (undecodable 1) are in quarantine, and the job allows 0" in report.over_budget


def test_a_limit_that_was_too_low_is_mended_by_retry(photos, tmp_path):
    out = str(tmp_path / "out")
    report = pixelmill.run(job(photos, out, decode={"max_pixels": 150_000}, max_failures=99))
    limited = report.tally.quarantined["too_many_pixels"]
    assert limited > 3
    again = retry(out, {"decode.max_pixels": 10_000_000})
    assert again.tally.read == 24
    assert again.tally.written == 22
    assert dict(again.tally.quarantined) == {"undecodable": 1}
    assert again.tally.balances
    manifest = json.loads(Path(out, "manifest.json").read_text())
    assert manifest["retries"][0]["changes"] == {"decode.max_pixels": 10_000_000}
    assert verify(out).problems == []
    once_more = retry(out, {"decode.max_pixels": 10_000_000})
    assert once_more.tally == again.tally


def test_verify_finds_a_flipped_bit_a_missing_and_a_strange_shard(photos, tmp_path):
    out = tmp_path / "out"
    pixelmill.run(job(photos, out))
    assert verify(str(out)).problems == []
    shard = bytearray((out / "train-000000.tar").read_bytes())
    shard[5000] ^= 1
    (out / "train-000000.tar").write_bytes(shard)
    (out / "train-000001.tar").unlink()
    (out / "train-000009.tar").write_bytes(b"")
    said = "\n".join(verify(str(out)).problems)
    assert "train-000000.tar" in said
    assert "sha256" in said
    assert "train-000001.tar: is missing" in said
    assert "train-000009.tar: no commit record names this shard" in said


def test_verify_and_status_refuse_a_folder_that_is_no_output(tmp_path):
    for look in (verify, status):
        with pytest.raises(InputMissing, match="no output of pixelmill"):
            look(str(tmp_path))


def test_a_cut_shard_costs_its_last_sample_and_no_other(photos, tmp_path):
    data = Path(photos[0]).read_bytes()
    cut = tmp_path / "cut.tar"
    cut.write_bytes(data[: len(data) // 2])
    report = pixelmill.run(job([str(cut), photos[1]], tmp_path / "out"))
    assert report.exit_code == 1
    assert report.tally.quarantined["truncated_shard"] == 1
    assert report.tally.balances
    assert "cut.tar" in report.damaged[0]
    assert report.done == 2


def test_the_output_may_be_in_memory(photos):
    out = "memory://test-run/out"
    report = pixelmill.run(job(photos, out))
    assert report.exit_code == 0
    assert verify(out).problems == []
