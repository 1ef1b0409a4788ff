"""Keys and fields are those of webdataset itself, for names as odd as they come."""

import io
import tarfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tars import pack, pack_names, plain, read

tariterators = pytest.importorskip("webdataset.tariterators")

from pixelmill.shards.naming import is_meta, key_and_field  # noqa: E402


def by_webdataset(data):
    """The samples that webdataset makes of a tar, from its own functions."""
    files = tariterators.tar_file_expander([{"url": "x", "stream": io.BytesIO(data)}])
    samples = tariterators.group_by_keys(files)
    return [
        (
            sample["__key__"],
            {field: data for field, data in sample.items() if field not in ("__key__", "__url__")},
        )
        for sample in samples
    ]


NAMES = [
    ["a.jpg", "a.cls", "b.jpg"],
    ["dir.with.dots/a.jpg", "dir.with.dots/a.cls", "v1.0/b.jpg"],
    ["README", "a.jpg", "dir/LICENSE", "a.cls"],
    ["a.seg.png", "a.jpg", "a.tar.gz", "a.left.depth.npy"],
    ["A.JPG", "A.Cls", "b.JpEg", "B.jpg"],
    [".hidden", "._a.jpg", "a.jpg", ".b.cls"],
    ["dir/.hidden", "dir/a.jpg"],
    ["dir/._a.jpg", "dir/a.jpg"],
    ["./a.jpg", "./a.cls", "./sub/b.jpg"],
    ["größe.jpg", "größe.cls", "图像.jpg", "emoji🎈.png", "é.TXT"],
    ["n" * 100 + ".jpg", "n" * 100 + ".cls", "d" * 200 + "/" + "n" * 200 + ".jpg"],
    ["a.", "b.", "c..jpg", "d...", "e.jpg."],
    ["a b.jpg", "a b.cls", " .jpg", "tab\t.jpg"],
    ["__meta__", "__meta__/a.jpg", "__a__.jpg", "__b.c__", "x/__meta__/a.jpg", "a__.jpg"],
    ["a\nb.jpg", "a.x\ny/b.jpg", "c.jpg\n", "d\n.e/f.g"],
    ["a/b/c/d.jpg", "a/b/c.d/e.f.jpg", "a//b.jpg", "a/./b.jpg"],
    ["İ.İJPG", "ß.ßAẞ"],
]


@pytest.mark.parametrize("tar_format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT], ids=["pax", "gnu"])
@pytest.mark.parametrize("names", NAMES, ids=lambda names: names[0][:16])
def test_keys_and_fields_are_webdataset_s(names, tar_format):
    members = [(name, f"{number}".encode() * 100) for number, name in enumerate(names)]
    data = pack_names(members, tar_format)
    samples, failures, error = read(data)
    assert plain(samples) == by_webdataset(data)
    assert (failures, error) == ([], None)


def test_empty_members_are_fields_too():
    data = pack_names([("a.jpg", b""), ("a.cls", b""), ("b.jpg", b"")])
    assert plain(read(data)[0]) == by_webdataset(data)


@settings(deadline=None, max_examples=1000)
@given(st.text(st.sampled_from("aB./_-\n é"), min_size=1, max_size=14))
def test_any_name_is_split_as_webdataset_splits_it(name):
    key, field = tariterators.base_plus_ext(name)
    assert key_and_field(name) == (None if key is None else (key, field.lower()))


@settings(deadline=None, max_examples=300)
@given(st.text(st.sampled_from("_a/.\n"), max_size=10))
def test_any_name_is_meta_where_webdataset_says_so(name):
    members = tariterators.tar_file_iterator(io.BytesIO(pack_names([(name or "x", b"")])))
    skipped = not list(members)
    with tarfile.open(fileobj=io.BytesIO(pack_names([(name or "x", b"")]))) as tar:
        read_name = tar.next().name
    assert is_meta(read_name) == skipped or key_and_field(read_name) is None


def test_webdataset_reads_what_we_write():
    samples = [
        ("000", {"jpg": b"1", "cls": b"7", "seg.png": b"2"}),
        ("sub/größe", {"jpg": b"3"}),
        ("n" * 300, {"jpg": b"4", "json": b"{}"}),
    ]
    assert by_webdataset(pack(samples)) == samples


# webdataset leaves the file that it opened to the garbage collector.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_the_public_pipeline_of_webdataset_reads_what_we_write(tmp_path):
    import webdataset

    samples = [(f"{number:04}", {"jpg": b"x" * number, "cls": b"1"}) for number in range(20)]
    (tmp_path / "x.tar").write_bytes(pack(samples))
    found = webdataset.WebDataset(str(tmp_path / "x.tar"), shardshuffle=False)
    assert [(one["__key__"], {"jpg": one["jpg"], "cls": one["cls"]}) for one in found] == samples
