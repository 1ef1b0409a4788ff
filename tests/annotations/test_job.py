"""A whole job with annotations: the tally tells, and the bytes are the same however it is run."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import numpy as np
import pytest
from record import masked, photo, png, record_of

import pixelmill
from pixelmill import Job
from pixelmill.errors import JobError
from pixelmill.verify import verify

STEPS = [{"random_resized_crop": {"size": 64, "scale": [0.2, 0.6]}}, "flip", {"rotate": 20}]


@pytest.fixture
def shards(tmp_path):
    """Two shards of ten samples; each has a box, a mask and its dense mask, and one broken box."""
    ys, xs = np.mgrid[:80, :100]
    for shard in range(2):
        with tarfile.open(tmp_path / f"in-{shard}.tar", "w") as tar:
            for n in range(10):
                mask = np.hypot(xs - 10 * n, ys - 40) < 15
                rows = masked(mask), {"bbox": [float("nan"), 1.0, 2.0, 3.0]}
                fields = photo(100, 80, json=record_of(100, 80, *rows)).fields
                fields["seg.png"] = png(mask.astype(np.uint8))
                for name, data in fields.items():
                    member = tarfile.TarInfo(f"{shard}-{n}.{name}")
                    member.size = len(data)
                    tar.addfile(member, io.BytesIO(data))
    return str(tmp_path / "in-{0..1}.tar")


def ran(shards, out, **executor):
    report = pixelmill.run(Job(source=shards, output=str(out), transforms=STEPS, executor=executor))
    assert report.exit_code == 0
    return report.tally, {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(Path(out).glob("*.tar"))
    }


def test_the_bytes_are_the_same_however_many_work_and_the_tally_tells(shards, tmp_path):
    tally, one = ran(shards, tmp_path / "one", kind="inline", workers=1)
    again, two = ran(shards, tmp_path / "two", kind="inline", workers=2)
    assert one == two
    assert tally.notes == again.notes
    assert tally.notes["annotation_not_finite"] == 20
    assert tally.balances
    left = 0
    for path in (tmp_path / "one").glob("*.tar"):
        with tarfile.open(path) as tar:
            for member in tar:
                if member.name.endswith(".json"):
                    record = json.load(tar.extractfile(member))
                    assert (record["width"], record["height"]) == (64, 64)
                    left += len(record["objects"]["id"])
    gone = sum(tally.notes[f"annotation_{why}"] for why in ("outside", "too_small"))
    assert left + gone == 20
    assert gone > 0
    verify(str(tmp_path / "one"))


@pytest.mark.slow
def test_a_process_of_its_own_gives_the_same_bytes(shards, tmp_path):
    _, one = ran(shards, tmp_path / "one", kind="inline", workers=1)
    _, apart = ran(shards, tmp_path / "apart", kind="inline", workers=1, isolate="always")
    assert one == apart


def test_a_job_that_says_nothing_keeps_the_fingerprint_that_it_had():
    assert "annotations" not in Job(source="a.tar", output="out").model_dump(mode="json")
    said = Job(source="a.tar", output="out", annotations={"min_size": 4}).model_dump(mode="json")
    assert said["annotations"]["min_size"] == 4


def test_wrong_options_are_told_with_their_place():
    with pytest.raises(JobError) as caught:
        Job(source="a.tar", output="o", annotations={"min_visibility": 2, "min_sise": 1})
    visibility, size = sorted(caught.value.mistakes, reverse=True)
    assert visibility.startswith("annotations.min_visibility: ")
    assert "did you mean 'min_size'?" in size
