import io
import json
import tarfile

import pytest

import pixelmill
from pixelmill import Job, storage
from pixelmill.errors import InputMissing, JobError, ShardError, StorageError
from pixelmill.sample import Failure
from pixelmill.sources import open_source


def packed(members, **how):
    """The bytes of a tar of {name: bytes}, as Python's tarfile writes it."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=how.pop("mode", "w"), **how) as tar:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def classes(jpeg, names=("n02", "n01"), images=3, **how):
    """Inner tars: the images of each class, which no two share."""
    tars = {}
    for place, name in enumerate(names):
        files = {f"{name}_{i}.JPEG": jpeg(10 * place + i) for i in range(images)}
        tars[f"{name}.tar"] = packed(files, **how)
    return tars


@pytest.fixture
def outer(tmp_path, jpeg):
    def write(tars=None, name="train.tar", **how):
        path = tmp_path / name
        path.write_bytes(packed(tars if tars is not None else classes(jpeg), **how))
        return str(path)

    return write


def everything(source):
    return [one for part in source.parts() for one in source.read(part)]


def test_each_inner_tar_is_a_part_and_its_name_the_class(outer, jpeg):
    source = open_source([outer()])
    parts = source.parts()
    assert source.kind == "nested"
    assert source.about()["classes"] == ["n01", "n02"]
    assert [part.names for part in parts] == [("n02",), ("n01",)]
    first = list(source.read(parts[0]))
    assert [s.key for s in first] == ["n02/n02_0", "n02/n02_1", "n02/n02_2"]
    assert first[1].fields == {"jpeg": jpeg(1), "cls": b"1"}
    assert first[1].where.endswith("train.tar/n02.tar")


def test_a_part_is_read_by_whoever_knows_nothing_but_the_part(outer):
    url = outer()
    part = open_source([url]).parts()[1]
    assert next(s.key for s in open_source([url]).read(part)) == "n01/n01_0"


@pytest.mark.parametrize(
    "tar_format", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT, tarfile.USTAR_FORMAT]
)
def test_long_names_and_folders_of_outer_tars_are_followed(outer, jpeg, tar_format):
    folder = "/".join(["deep" * 5] * 6) + "/"
    tars = {folder + name: data for name, data in classes(jpeg).items()}
    source = open_source([outer(tars, format=tar_format)])
    assert [part.names[0] for part in source.parts()] == ["n02", "n01"]
    assert len(everything(source)) == 6


def test_inner_tars_may_be_compressed_and_other_files_are_counted(outer, jpeg):
    tars = {"n01.tar.gz": packed({"n01_0.JPEG": jpeg()}, mode="w:gz"), "README.txt": b"read me"}
    source = open_source([outer(tars)])
    assert [s.key for s in everything(source)] == ["n01/n01_0"]
    assert source.about()["ignored"] == {"txt": 1}


def test_a_tar_of_images_is_no_nested_one(outer, jpeg):
    source = open_source([outer({"a.jpg": jpeg(), "b.tar": b"no matter"})])
    assert source.kind == "webdataset"


def test_asking_whether_tars_are_nested_takes_one_short_read(outer, jpeg, monkeypatch):
    storage.write("memory://nested/a-0.tar", packed({"x.jpg": jpeg()}))
    storage.write("memory://nested/a-1.tar", packed({"y.jpg": jpeg()}))
    asked = []
    read = storage.read_range
    monkeypatch.setattr(
        "pixelmill.shards.nested.read_range",
        lambda *args: asked.append(args) or read(*args),
    )
    assert len(open_source(["memory://nested/a-{0..1}.tar"]).parts()) == 2
    assert [(start, stop) for _, start, stop in asked] == [(0, 4096)]


def test_an_inner_tar_named_twice_is_refused(outer, jpeg):
    one = outer(classes(jpeg, ["n01"]), "a.tar")
    two = outer(classes(jpeg, ["n01"]), "b.tar")
    with pytest.raises(JobError, match=r"1 tars are there twice, such as n01\.tar"):
        open_source([one, two]).parts()


def test_a_nested_source_without_tars_says_so(outer, jpeg):
    with pytest.raises(InputMissing, match="there are no tars in"):
        open_source([outer({"a.jpg": jpeg()})], "nested").parts()


@pytest.mark.parametrize("lost", [0, 8000], ids=["only the end mark", "the last inner tar"])
def test_an_outer_tar_that_is_cut_gives_what_is_whole_and_says_where_it_ends(outer, lost, tmp_path):
    url = outer()
    data = (tmp_path / "train.tar").read_bytes()
    end = open_source([url]).parts()[1].stop
    (tmp_path / "train.tar").write_bytes(data[: end - lost])
    source = open_source([url])
    read, damaged = [], []
    for part in source.parts():
        try:
            read += source.read(part)
        except ShardError as error:
            damaged.append(str(error))
    assert [s.key for s in read if not isinstance(s, Failure)][:3] == [
        "n02/n02_0", "n02/n02_1", "n02/n02_2",
    ]  # fmt: skip
    assert damaged
    assert "cut short" in damaged[-1]


def run(url, out, workers=1, **more):
    job = Job(
        source={"urls": url}, output=str(out), outputs=[{"image": "keep"}],
        executor={"kind": "inline", "workers": workers}, **more,
    )  # fmt: skip
    report = pixelmill.run(job)
    return report, {path.name: path.read_bytes() for path in sorted(out.glob("*.tar"))}


def test_a_job_has_a_task_an_inner_tar_and_the_same_bytes_with_any_workers(outer, tmp_path):
    report, first = run(outer(), tmp_path / "a")
    assert report.tasks == 2
    assert report.tally.written == 6
    assert first == run(outer(), tmp_path / "b", workers=2)[1]
    manifest = json.loads((tmp_path / "a/manifest.json").read_text())
    assert manifest["source"]["classes"] == ["n01", "n02"]


def test_running_again_does_only_the_inner_tar_that_is_missing(outer, tmp_path):
    url = outer()
    _, before = run(url, tmp_path / "out")
    (tmp_path / "out/ledger/000001.json").unlink()
    (tmp_path / "out/train-000001.tar").unlink()
    report, after = run(url, tmp_path / "out")
    assert after == before
    assert report.tally.written == 6


def test_a_cut_inner_tar_stops_no_other(outer, jpeg, tmp_path):
    tars = classes(jpeg)
    tars["n02.tar"] = tars["n02.tar"][:1500]
    report, shards = run(outer(tars), tmp_path / "out", max_failures=10)
    assert report.tally.quarantined["truncated_shard"] == 1
    assert "train-000001.tar" in shards
    assert report.exit_code == 1


def test_a_tar_of_tars_in_a_bucket_is_read_by_the_ranges_of_its_inner_tars(jpeg, monkeypatch):
    storage.write("memory://bucket/train.tar", packed(classes(jpeg, images=5)))
    source = open_source(["memory://bucket/train.tar"])
    parts = source.parts()
    asked = []
    read = storage.reading.read_range
    monkeypatch.setattr(
        "pixelmill.storage.reading.read_range",
        lambda url, start, stop: asked.append((start, stop)) or read(url, start, stop),
    )
    assert len(list(source.read(parts[1]))) == 5
    assert asked == [(parts[1].start, parts[1].stop)]


def test_a_range_comes_in_chunks_and_ends_where_it_is_told(tmp_path):
    (tmp_path / "a.bin").write_bytes(bytes(range(100)))
    url = str(tmp_path / "a.bin")
    chunks = [*storage.range_chunks(url, 10, 45, size=10)]
    assert [len(chunk) for chunk in chunks] == [10, 10, 10, 5]
    assert b"".join(chunks) == bytes(range(10, 45))
    with pytest.raises(StorageError, match="it ends at 100"):
        list(storage.range_chunks(url, 90, 120))
