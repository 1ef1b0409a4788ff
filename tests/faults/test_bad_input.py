"""Hostile and broken input through the whole job: told, kept, and nothing else is lost."""

import io
import json
import tarfile

import numpy as np
import pytest
import simplejpeg

import pixelmill
from pixelmill import Job
from pixelmill.verify import verify

PHOTO = simplejpeg.encode_jpeg(np.random.default_rng(1).integers(0, 256, (80, 90, 3), np.uint8), 90)


def member(name, data=PHOTO, **facts):
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for fact, value in facts.items():
        setattr(info, fact, value)
    return info, data


def write_tar(path, members):
    with tarfile.open(path, "w") as tar:
        for info, data in members:
            tar.addfile(info, io.BytesIO(data))
    return str(path)


def link(name, kind):
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return info, b""


def run(shards, out, **more):
    facts = {"transforms": [{"resize": 40}], "max_failures": 100}
    return pixelmill.run(Job(**{"source": shards, "output": str(out), **facts, **more}))


def whys(out):
    """The reason of every sample in quarantine, by its key."""
    found = {}
    for path in out.glob("quarantine/*.tar"):
        with tarfile.open(path) as tar:
            for info in tar:
                if info.name.endswith(".why.json"):
                    why = json.load(tar.extractfile(info))
                    assert why["message"]
                    found[why["key"]] = why["reason"]
    return found


BAD = {
    "absolute path": ([member("/etc/evil.jpg")], "unsafe_path"),
    "parent folder": ([member("../../evil.jpg")], "unsafe_path"),
    "symbolic link": ([link("evil.jpg", tarfile.SYMTYPE)], "not_a_file"),
    "hard link": ([link("evil.jpg", tarfile.LNKTYPE)], "not_a_file"),
    "device": ([link("evil.jpg", tarfile.CHRTYPE)], "not_a_file"),
    "two of one name": ([member("evil.jpg"), member("evil.jpg")], "duplicate_member"),
    "two in another case": ([member("evil.jpg"), member("evil.JPG")], "duplicate_member"),
    "no image": ([member("evil.txt", b"a caption"), member("evil.cls", b"3")], "no_image"),
    "no image by name": ([member("evil.jpg", b"hello, I am a text")], "unknown_format"),
    "empty image": ([member("evil.jpg", b"")], "unknown_format"),
    "half an image": ([member("evil.jpg", PHOTO[: len(PHOTO) // 2])], "undecodable"),
    "header alone": ([member("evil.jpg", PHOTO[:200])], "undecodable"),
    "key comes again": ([member("good-0.txt", b"too late")], "repeated_key"),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_sample_is_kept_with_its_reason_and_costs_no_other(tmp_path, what):
    members, reason = BAD[what]
    good = [member(f"good-{i}.jpg") for i in range(3)]
    shard = write_tar(tmp_path / "in.tar", [good[0], good[1], *members, good[2]])
    report = run([shard], tmp_path / "out")
    assert report.exit_code == 0
    assert report.tally.balances
    assert report.tally.written == 3
    assert dict(report.tally.quarantined) == {reason: 1}
    assert list(whys(tmp_path / "out").values()) == [reason]
    assert verify(str(tmp_path / "out")).problems == []
    with tarfile.open(tmp_path / "out" / "train-000000.tar") as tar:
        assert tar.getnames() == [f"good-{i}.jpg" for i in range(3)]


def test_an_image_beyond_the_limit_is_refused_on_its_header(tmp_path):
    """A header that says 60,000 x 60,000 would be 10 GB of pixels."""
    bomb = bytearray(PHOTO)
    frame = bomb.index(b"\xff\xc0")
    bomb[frame + 5 : frame + 9] = (60_000).to_bytes(2, "big") * 2
    shard = write_tar(tmp_path / "in.tar", [member("bomb.jpg", bytes(bomb)), member("good.jpg")])
    report = run([shard], tmp_path / "out")
    assert dict(report.tally.quarantined) == {"too_many_pixels": 1}
    assert report.tally.written == 1
    assert max(record.peak_rss for record in report.records) < 2e9


def test_what_is_no_tar_at_all_is_told_and_the_others_are_done(tmp_path):
    shards = [write_tar(tmp_path / "good.tar", [member("good.jpg")])]
    for name, data in {"empty": b"", "text": b"hello" * 400, "zip": b"PK\3\4" + bytes(600)}.items():
        path = tmp_path / f"{name}.tar"
        path.write_bytes(data)
        shards.append(str(path))
    report = run(shards, tmp_path / "out")
    assert report.exit_code == 1
    assert report.done == 4
    assert report.tally.written == 1
    assert len(report.damaged) == 3
    for name in ("empty.tar", "text.tar", "zip.tar"):
        assert any(name in said for said in report.damaged)


def test_a_shard_that_vanished_fails_its_task_and_no_other(tmp_path, monkeypatch):
    from pixelmill.plan import make_plan

    shards = [write_tar(tmp_path / f"{n}.tar", [member(f"{n}.jpg")]) for n in "abc"]

    def then_it_is_gone(job):
        plan = make_plan(job)
        (tmp_path / "b.tar").unlink()
        return plan

    monkeypatch.setattr("pixelmill.run.make_plan", then_it_is_gone)
    report = run(shards, tmp_path / "out")
    assert report.exit_code == 1
    assert report.done == 2
    assert "b.tar" in report.failed[0]
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_a_disk_that_fills_up_fails_cleanly_and_the_job_goes_on_later(tmp_path, mounted):
    disk = mounted("size=292k")
    shards = [
        write_tar(tmp_path / f"{n}.tar", [member(f"{n}-{i}.jpg") for i in range(30)])
        for n in range(4)
    ]
    report = run(shards, disk / "out", executor={"kind": "inline", "workers": 1})
    assert report.exit_code == 1
    assert "no room is left; free some space" in report.failed[0]
    assert list((disk / "out").rglob(".pixelmill-tmp*")) == []
    import subprocess

    subprocess.run(["mount", "-o", "remount,size=9m", str(disk)], check=True)
    again = run(shards, disk / "out")
    assert again.exit_code == 0
    assert again.tally.written == 120
    assert verify(str(disk / "out")).problems == []


def test_a_transform_that_raises_costs_the_samples_it_raised_on(tmp_path, monkeypatch):
    (tmp_path / "fussy.py").write_text(
        "class Fussy:\n"
        "    def __call__(self, sample):\n"
        "        if sample.key == 'b':\n"
        "            raise RuntimeError('not this one')\n"
        "        return sample\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    shard = write_tar(tmp_path / "in.tar", [member(f"{n}.jpg") for n in "abc"])
    report = run([shard], tmp_path / "out", transforms=["fussy:Fussy"])
    assert report.tally.written == 2
    assert whys(tmp_path / "out") == {"b": "transform_failed"}
