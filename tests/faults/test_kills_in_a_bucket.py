"""Killed while it writes into a bucket: objects are whole, uploads that were cut off go."""

import json
from pathlib import Path

import numpy as np
import pytest
from lives import JOBS, job_of
from warm import Warm

from pixelmill import storage
from pixelmill.shards.writer import TarWriter
from pixelmill.status import status
from pixelmill.verify import verify

pytestmark = [pytest.mark.s3, pytest.mark.slow]

PLACES = [
    *("lease.taken:1", "begin.inputs:1", "shard.put:5", "record.put:3", "record.there:2"),
    *("manifest.card:1", "lease.left:1"),
]  # fmt: skip
LATER = ["exchange.map:1", "gather.there:1", "clear.there:1"]


@pytest.fixture(scope="module")
def far(s3, inputs, tmp_path_factory):
    """Forks runs that know the bucket."""
    folder = tmp_path_factory.mktemp("far")
    warm = Warm(*(job_of(k, inputs, folder / k) for k in JOBS), imports=("s3fs",))
    yield warm
    warm.close()


def objects(out):
    """What is seen in the output: the bytes of each shard, and of the manifest."""
    names = {entry.url.removeprefix(f"{out}/") for entry in storage.listing(out, recursive=True)}
    kept = [n for n in names if n.endswith((".tar", ".idx", "manifest.json"))]
    return {name: storage.read(storage.join(out, name)) for name in kept}, names


def stamps(out):
    """The commit records and when each was written."""
    try:
        found = storage.listing(f"{out}/ledger")
    except FileNotFoundError:
        return {}
    return {entry.url: changed(entry.url) for entry in found if "inputs" not in entry.url}


def changed(url):
    fs, path = storage.filesystem(url)
    return fs.info(path)["LastModified"], json.loads(fs.cat_file(path))["wall"]


def live(far, job, whole, *deaths, **how):
    """Die these deaths in a bucket, then end as an undisturbed run did in a folder."""
    out, expected = job["output"], objects(str(whole))[0]
    before = {}
    for death in deaths:
        ended = far.run(job, failpoint=f"{death}:kill", **how)
        assert ended.killed, ended
        if storage.exists(out):
            assert objects(out)[0].items() <= expected.items()
        before = stamps(out)
    last = far.run(job, **how)
    assert last.code == 0, last
    found, names = objects(out)
    assert found == expected
    assert stamps(out).items() >= before.items()
    assert not [name for name in names if name.startswith(("lease", "exchange"))]
    fs, _ = storage.filesystem(out)
    bucket = out.split("/")[2]
    assert not fs.call_s3("list_multipart_uploads", Bucket=bucket).get("Uploads")
    assert verify(out).problems == []
    assert status(out).finished


@pytest.fixture(scope="module")
def wholes(warm, inputs, tmp_path_factory):
    folder = tmp_path_factory.mktemp("wholes")
    for kind in JOBS:
        assert warm.run(job_of(kind, inputs, folder / kind)).code == 0
    return folder


@pytest.mark.parametrize(
    ("kind", "place"), [*(("plain", p) for p in PLACES), *(("shuffled", p) for p in LATER)]
)
def test_killed_at_any_step_the_bucket_ends_as_a_folder_does(far, inputs, s3, wholes, kind, place):
    out = f"{s3.url}/kills/{kind}-{place.replace(':', '-')}"
    live(far, job_of(kind, inputs, out), wholes / kind, place)


@pytest.mark.parametrize("place", ["object.part:1"])
def test_killed_between_the_parts_of_an_object_nothing_of_it_stays(far, s3, tmp_path, place):
    source = large(tmp_path / "large.tar")
    executor = {"kind": "inline", "workers": 1}
    job = {"source": [source], "untouched": True, "executor": executor}
    out = f"{s3.url}/kills/parts-{place.replace(':', '-')}"
    assert far.run({**job, "output": str(tmp_path / "whole")}).code == 0
    live(far, {**job, "output": out}, tmp_path / "whole", place, sabotage="small_parts")


def test_killed_while_it_sweeps_it_sweeps_again(far, s3, tmp_path):
    job = {"source": [large(tmp_path / "large.tar")], "untouched": True}
    assert far.run({**job, "output": str(tmp_path / "whole")}).code == 0
    job["output"] = f"{s3.url}/kills/swept"
    live(far, job, tmp_path / "whole", "object.part:2", "sweep:1", sabotage="small_parts")


def large(path: Path):
    """12 MB, so that its shard is sent in three parts of 5 MiB."""
    rng = np.random.default_rng(seed=3)
    with open(path, "wb") as file:
        tar = TarWriter(file.write)
        for number in range(3):
            tar.add(f"s{number}", {"bin": rng.bytes(4 << 20)})
        tar.close()
    return str(path)
