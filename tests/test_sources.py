"""The main job from every kind of source, and from a bucket into a bucket."""

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import zstandard

import pixelmill
from pixelmill import Job, storage
from pixelmill.verify import verify

STEPS = [{"min_size": 64}, {"resize": 48}]


def run(source, out, **more):
    facts = {"transforms": STEPS, "max_failures": 10, "executor": {"kind": "inline"}}
    report = pixelmill.run(Job(**{"source": source, "output": str(out), **facts, **more}))
    assert report.exit_code == 0
    assert report.tally.balances
    assert verify(str(out)).problems == []
    return report


def images(out):
    """sha256 of every image that was written, by its key's last part."""
    found = {}
    for entry in storage.listing(str(out)):
        if entry.url.endswith(".tar"):
            with tarfile.open(fileobj=io.BytesIO(storage.read(entry.url))) as tar:
                for info in tar:
                    key, _, field = info.name.rpartition("/")[2].partition(".")
                    if field == "jpg":
                        found[key] = hashlib.sha256(tar.extractfile(info).read()).hexdigest()
    return found


def samples(photos):
    """(key, fields) of the good photographs."""
    for shard in photos:
        with tarfile.open(shard) as tar:
            names = tar.getnames()
            for key in dict.fromkeys(name.partition(".")[0] for name in names):
                yield (
                    key,
                    {
                        name.partition(".")[2]: tar.extractfile(name).read()
                        for name in names
                        if name.partition(".")[0] == key
                    },
                )


@pytest.fixture(scope="module")
def expected(photos, tmp_path_factory):
    out = tmp_path_factory.mktemp("expected") / "out"
    run(photos, out)
    found = images(out)
    assert len(found) == 22
    return found


def test_compressed_tars_hold_the_same_photographs(photos, tmp_path, expected):
    for shard in photos:
        data, name = Path(shard).read_bytes(), Path(shard).name
        (tmp_path / f"{name}.gz").write_bytes(gzip.compress(data, 1))
        (tmp_path / f"{name}.zst").write_bytes(zstandard.compress(data, 1))
    for kind in ("gz", "zst"):
        run(f"{tmp_path}/*.{kind}", tmp_path / f"out-{kind}")
        assert images(tmp_path / f"out-{kind}") == expected


def test_every_way_to_name_shards_is_one_job(photos, tmp_path, expected):
    folder = Path(photos[0]).parent
    listed = tmp_path / "shards.txt"
    listed.write_text("# mine\n" + "\n".join(photos) + "\n")
    ways = {
        "braces": f"{folder}/train-{{000..002}}.tar",
        "pattern": f"{folder}/*.tar",
        "folder": str(folder),
        "list": photos,
        "joined": "::".join(photos),
        "file": f"@{listed}",
        "url": [f"file://{photo}" for photo in photos],
    }
    for name, way in ways.items():
        run(way, tmp_path / name)
        assert images(tmp_path / name) == expected, name


def test_a_folder_of_classes_becomes_labelled_samples(photos, tmp_path, expected):
    for key, fields in samples(photos):
        folder = tmp_path / "photos" / key.partition("-")[0]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{key}.jpg").write_bytes(fields["jpg"])
    report = run(tmp_path / "photos", tmp_path / "out")
    assert report.tally.read == 24
    assert images(tmp_path / "out") == expected
    manifest = json.loads((tmp_path / "out" / "manifest.json").read_text())
    classes = manifest["source"]["classes"]
    assert classes == sorted({key.partition("-")[0] for key, _ in samples(photos)})
    with tarfile.open(next((tmp_path / "out").glob("*.tar"))) as tar:
        for info in tar:
            if info.name.endswith(".cls"):
                label = int(tar.extractfile(info).read())
                assert info.name.startswith(classes[label])


def test_parquet_with_hugging_faces_images_and_back_into_parquet(photos, tmp_path, expected):
    rows = list(samples(photos))
    image = [{"bytes": fields["jpg"], "path": f"{key}.jpg"} for key, fields in rows]
    label = [int(fields["cls"]) for _, fields in rows]
    pq.write_table(pa.table({"image": image, "label": label}), tmp_path / "in.parquet")
    run(tmp_path / "in.parquet", tmp_path / "tars")
    assert sorted(images(tmp_path / "tars").values()) == sorted(expected.values())
    run(tmp_path / "in.parquet", tmp_path / "out", outputs=[{"format": "parquet"}])
    (written,) = (tmp_path / "out").glob("*.parquet")
    found = pq.read_table(written).to_pylist()
    digests = sorted(hashlib.sha256(row["image"]["bytes"]).hexdigest() for row in found)
    assert digests == sorted(expected.values())
    assert {row["label"] for row in found} <= set(label)


def test_from_memory_into_memory(photos, expected):
    for shard in photos:
        storage.write(f"memory://in/{Path(shard).name}", Path(shard).read_bytes())
    run("memory://in/*.tar", "memory://sources-test/out")
    assert images("memory://sources-test/out") == expected


@pytest.mark.s3
def test_from_a_bucket_into_a_bucket_is_the_same_version(photos, tmp_path, s3, expected):
    for shard in photos:
        storage.write(f"{s3.url}/main/in/{Path(shard).name}", Path(shard).read_bytes())
    report = run(f"{s3.url}/main/in/train-{{000..002}}.tar", f"{s3.url}/main/out")
    assert images(f"{s3.url}/main/out") == expected
    again = pixelmill.run(
        Job(
            source=f"{s3.url}/main/in/train-{{000..002}}.tar",
            output=f"{s3.url}/main/out",
            transforms=STEPS,
            max_failures=10,
        )
    )
    assert again.records == []
    assert again.version == report.version
