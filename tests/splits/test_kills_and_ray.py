"""A labelled job that is split, killed, or run on Ray: the same bytes, marks and manifest."""

import hashlib
import signal
import subprocess
import sys

import pytest
from labels.made import images

import pixelmill
from pixelmill import Job
from pixelmill.job import write_job
from pixelmill.verify import verify


@pytest.fixture
def source(tmp_path, rng):
    names = [f"{n:03d}.png" for n in range(48)]
    lines = [f"{name},k{n % 16 % 3},p{n % 16}" for n, name in enumerate(names)]
    (tmp_path / "t.csv").write_text("\n".join(["file,kind,who", *lines, "gone.png,k1,p1"]) + "\n")
    columns = {"label": "kind", "group": "who"}
    labels = {"table": str(tmp_path / "t.csv"), "key": "file", "columns": columns}
    return {"urls": images(tmp_path / "in", names, rng), "batch": 8, "labels": labels}


def job(source, out, kind="inline", **more):
    split = {"fractions": {"train": 0.7, "test": 0.3}, "group": "json.group"}
    split["stratify"] = "json.labels"
    facts = {"split": split, "outputs": [{"image": "keep"}]}
    return Job(
        source=source, output=str(out), executor={"kind": kind, "workers": 2}, **facts, **more
    )


def digests(out):
    files = [*out.glob("*.tar"), *out.glob("split/*"), *out.glob("labels/*"), out / "manifest.json"]
    return {str(p.relative_to(out)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


@pytest.mark.parametrize("place", ["record.put:2", "manifest.card:1"])
def test_killed_it_goes_on_to_the_same_bytes_marks_and_manifest(
    source, tmp_path, place, monkeypatch
):
    whole, out = tmp_path / "whole", tmp_path / "out"
    assert pixelmill.run(job(source, whole)).complete
    (tmp_path / "job.yaml").write_text(write_job(job(source, out), {}))
    monkeypatch.setenv("PIXELMILL_FAILPOINT", f"{place}:kill")
    code = "import pixelmill, sys; from pixelmill.job import read_job; "
    code += "pixelmill.run(read_job(sys.argv[1]))"
    done = subprocess.run([sys.executable, "-c", code, tmp_path / "job.yaml"], check=False)
    assert done.returncode == -signal.SIGKILL
    monkeypatch.delenv("PIXELMILL_FAILPOINT")
    assert pixelmill.run(job(source, out)).complete
    assert digests(out) == digests(whole)
    assert verify(str(out)).problems == []


@pytest.mark.ray
@pytest.mark.timeout(240)
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::DeprecationWarning")
@pytest.mark.slow
def test_ray_splits_and_labels_as_this_process_does(cluster, source, tmp_path):
    assert pixelmill.run(job(source, tmp_path / "inline", shuffle=True)).complete
    report = pixelmill.run(job(source, tmp_path / "ray", "ray", shuffle=True))
    assert report.complete
    assert report.executor == "ray"
    assert digests(tmp_path / "ray") == digests(tmp_path / "inline")
