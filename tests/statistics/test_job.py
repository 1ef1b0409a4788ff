"""The statistics of a whole job: those of its images, however it was run."""

import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import pixelmill
from pixelmill import Job
from pixelmill.manifest import read_manifest


@pytest.fixture
def shards(tmp_path, rng):
    """Three shards of five PNGs of noise, of several sizes, with classes; one is 16 bits."""
    for shard in range(3):
        with tarfile.open(tmp_path / f"in-{shard}.tar", "w") as tar:
            for n in range(5):
                levels = rng.integers(0, 256, (20 + n, 30, 3), np.uint8)
                if n == 4:
                    levels = rng.integers(0, 65536, (20, 30), np.uint16)
                out = io.BytesIO()
                Image.fromarray(levels).save(out, "png")
                for name, data in (("png", out.getvalue()), ("cls", b"%d" % (n % 2))):
                    member = tarfile.TarInfo(f"{shard}-{n}.{name}")
                    member.size = len(data)
                    tar.addfile(member, io.BytesIO(data))
    return str(tmp_path / "in-{0..2}.tar")


def job(shards, out, **more):
    facts = {
        "decode": {"color": "keep"},
        "statistics": "levels",
        "transforms": [{"flip": "vertical"}],
        "outputs": [{"image": "png"}],
        "executor": {"kind": "inline", "workers": 1},
    }
    return Job(**{"source": shards, "output": str(out), **facts, **more})


def told(out):
    return read_manifest(str(out))["statistics"]


def images(out):
    for path in sorted(Path(out).glob("*.tar")):
        with tarfile.open(path) as tar:
            for member in tar:
                if member.name.endswith("png"):
                    yield np.array(Image.open(tar.extractfile(member)))


def test_the_sums_are_those_of_what_was_written(shards, tmp_path):
    pixelmill.run(job(shards, tmp_path / "out"))
    found = told(tmp_path / "out")["train"]
    eight = [image.reshape(-1, 3) for image in images(tmp_path / "out") if image.ndim == 3]
    wide = np.concatenate(eight).astype(np.int64)
    assert found["levels"]["uint8x3"]["images"] == len(eight) == 12
    assert found["levels"]["uint8x3"]["sums"] == wide.sum(axis=0).tolist()
    assert found["levels"]["uint8x3"]["squares"] == (wide**2).sum(axis=0).tolist()
    np.testing.assert_allclose(found["levels"]["uint8x3"]["std"], wide.std(axis=0), atol=1e-6)
    deep = [image.astype(object) for image in images(tmp_path / "out") if image.ndim == 2]
    assert found["levels"]["uint16x1"]["squares"] == [sum((i * i).sum() for i in deep)]
    assert found["classes"] == {"0": 9, "1": 6}
    assert found["sizes"] == {"24x16": 15}
    assert found["samples"] == 15


def test_the_manifest_is_the_same_with_any_number_of_workers(shards, tmp_path):
    ways = {
        "one": {},
        "two": {"executor": {"kind": "inline", "workers": 2}},
    }
    for name, way in ways.items():
        pixelmill.run(job(shards, tmp_path / name, **way))
    one, two = ((tmp_path / name / "manifest.json").read_bytes() for name in ways)
    assert one == two


@pytest.mark.slow
def test_a_process_of_its_own_counts_the_same(shards, tmp_path):
    pixelmill.run(job(shards, tmp_path / "here"))
    apart = {"kind": "inline", "workers": 1, "isolate": "always"}
    pixelmill.run(job(shards, tmp_path / "apart", executor=apart))
    assert told(tmp_path / "apart") == told(tmp_path / "here")


def test_records_of_tasks_that_were_done_before_are_counted_on(shards, tmp_path):
    pixelmill.run(job(shards, tmp_path / "whole"))
    pixelmill.run(job(shards, tmp_path / "again"))
    (tmp_path / "again/ledger/000001.json").unlink()
    (tmp_path / "again/manifest.json").unlink()
    pixelmill.run(job(shards, tmp_path / "again"))
    assert told(tmp_path / "again") == told(tmp_path / "whole")


def test_each_output_has_its_own(shards, tmp_path):
    outputs = [
        {"name": "small", "image": "png", "transforms": [{"resize": 10}]},
        {"name": "floats", "image": {"format": "npy", "dtype": "float32", "layout": "chw"},
         "transforms": [{"normalize": {"mean": [0.5], "std": [0.5]}}]},
    ]  # fmt: skip
    pixelmill.run(
        job(shards, tmp_path / "out", outputs=outputs, decode={"color": "gray"}, transforms=[])
    )
    found = told(tmp_path / "out")
    assert list(found) == ["floats", "small"]
    assert found["small"]["sizes"] == {"12x8": 15}
    assert found["floats"]["levels"] == {"float32": {"left_out": 15}}
    assert found["floats"]["sizes"] == {"24x16": 15}


def test_what_is_passed_through_is_counted_as_far_as_it_was_decoded(shards, tmp_path):
    keep = {"transforms": [], "outputs": [{"image": "keep"}]}
    pixelmill.run(job(shards, tmp_path / "seen", **keep))
    assert told(tmp_path / "seen")["train"]["levels"]["uint8x3"]["images"] == 12
    keep["decode"] = {"color": "keep", "verify": False}
    pixelmill.run(job(shards, tmp_path / "out", **keep))
    found = told(tmp_path / "out")["train"]
    assert "levels" not in found
    assert found["sizes"] == {"24x16": 15}


def test_a_job_may_leave_them_out_and_one_that_says_nothing_keeps_its_fingerprint(shards, tmp_path):
    pixelmill.run(job(shards, tmp_path / "out", statistics="none"))
    assert "statistics" not in read_manifest(str(tmp_path / "out"))
    assert "statistics" not in json.loads((tmp_path / "out/ledger/000000.json").read_text())
    assert "statistics" not in Job(source="a.tar", output="out").model_dump(mode="json")


def test_an_exchange_counts_each_sample_once(shards, tmp_path):
    pixelmill.run(job(shards, tmp_path / "plain"))
    pixelmill.run(job(shards, tmp_path / "shuffled", shuffle=True))
    assert told(tmp_path / "shuffled") == told(tmp_path / "plain")
