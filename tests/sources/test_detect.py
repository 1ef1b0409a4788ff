import pytest

from pixelmill.errors import InputMissing, JobError
from pixelmill.sources import open_source
from pixelmill.sources.detect import detect, kind_of_name


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.tar", "webdataset"),
        ("s3://b/a-{000..100}.tar.gz", "webdataset"),
        ("A.TAR.ZST", "webdataset"),
        ("data/*.parquet", "parquet"),
        ("IMG.JPG", "folder"),
        ("notes.txt", ""),
        ("folder", ""),
    ],
)
def test_a_name_tells_its_kind(name, kind):
    assert kind_of_name(name) == kind


@pytest.mark.parametrize(
    ("files", "kind"),
    [
        ({"a.tar": b"", "manifest.json": b"", "quarantine/0.tar": b""}, "webdataset"),
        ({"data/a.parquet": b"", "README.md": b""}, "parquet"),
        ({"cat/1.jpg": None, "dog/2.png": None, ".cache/x.tar": b""}, "folder"),
        # What lies at the top decides: a folder of shards may hold pictures of them below.
        ({"a.tar": b"", "report/sheet.png": None}, "webdataset"),
    ],
)
def test_a_folder_is_of_the_kind_that_lies_in_it(tree, files, kind):
    assert open_source([tree(files)]).kind == kind


def test_several_kinds_are_refused_and_counted(tree):
    root = tree({"a.tar": b"", "b.tar": b"", "1.jpg": None})
    with pytest.raises(JobError, match=r"several kinds \(1 for folder, 2 for webdataset\).*`kind`"):
        detect([root])
    with pytest.raises(JobError, match="several kinds"):
        detect(["a.tar", "b.parquet"])


def test_nothing_known_says_what_was_found(tree):
    with pytest.raises(JobError, match=r"no tars, Parquet files or images in .*, found 1 other"):
        detect([tree({"a.txt": b""})])


def test_a_missing_folder_is_missing(tmp_path):
    with pytest.raises(InputMissing, match="nowhere"):
        detect([str(tmp_path / "nowhere")])


def test_a_list_file_is_looked_into(tmp_path):
    (tmp_path / "a.tar").write_bytes(b"")
    (tmp_path / "list.txt").write_text(f"{tmp_path}/a.tar\n")
    assert detect([f"@{tmp_path}/list.txt"]) == "webdataset"
    assert detect([f"{tmp_path}/a.tar::{tmp_path}/b.tar"]) == "webdataset"


def test_a_part_is_read_without_looking_for_the_kind_again(tree, monkeypatch):
    root = tree({"a/1.jpg": None})
    [part] = open_source([root]).parts()
    monkeypatch.setattr("pixelmill.sources.detect.detect", None)
    assert [s.key for s in open_source([root]).read(part)] == ["a/1"]


def test_an_unknown_kind_and_no_url_are_refused():
    with pytest.raises(JobError, match="expected one of auto, webdataset, nested, folder, parquet"):
        open_source(["x"], "tar")
    with pytest.raises(JobError, match="got none"):
        open_source([])
