import pytest

from pixelmill import storage
from pixelmill.errors import InputMissing, JobError, StorageError
from pixelmill.shards.expand import expand


@pytest.fixture(params=["local", "memory"])
def base(request, tmp_path):
    place = str(tmp_path) if request.param == "local" else f"memory://expand{tmp_path.name}"
    for name in ("a-000.tar", "a-001.tar", "a-003.tar", "b.tar.gz", "c.tgz", "d.tar.zst", "e.txt"):
        storage.write(storage.join(place, name), b"")
    storage.write(storage.join(place, "sub", "f.tar"), b"")
    storage.write(storage.join(place, "none", "x.txt"), b"")
    return place


def names(urls):
    return [storage.name(url) for url in urls]


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("{}/a-000.tar", ["a-000.tar"]),
        ("{}/a-{{001..000}}.tar", ["a-001.tar", "a-000.tar"]),
        ("{}/a-*.tar", ["a-000.tar", "a-001.tar", "a-003.tar"]),
        ("{}/a-00[01].tar", ["a-000.tar", "a-001.tar"]),
        ("{}/**/f.tar", ["f.tar"]),
        ("{}", ["a-000.tar", "a-001.tar", "a-003.tar", "b.tar.gz", "c.tgz", "d.tar.zst"]),
        ("{0}/c.tgz::{0}/a-{{000..001}}.tar", ["c.tgz", "a-000.tar", "a-001.tar"]),
    ],
)
def test_words_are_expanded_in_their_order(base, word, found):
    assert names(expand(word.format(base))) == found


def test_a_list_keeps_its_order(base):
    words = [storage.join(base, name) for name in ("d.tar.zst", "sub", "a-000.tar")]
    assert names(expand(words)) == ["d.tar.zst", "f.tar", "a-000.tar"]


def test_a_text_file_names_shards_patterns_and_folders(base):
    lines = f"# mine\n\n{base}/c.tgz\n  {base}/a-{{000..001}}.tar\n{base}/sub\n"
    storage.write(storage.join(base, "list.txt"), lines.encode())
    found = expand(f"@{base}/list.txt")
    assert names(found) == ["c.tgz", "a-000.tar", "a-001.tar", "f.tar"]


def test_paths_in_a_text_file_start_at_the_current_folder(tmp_path, monkeypatch):
    (tmp_path / "lists").mkdir()
    (tmp_path / "a.tar").write_bytes(b"")
    (tmp_path / "lists" / "shards.txt").write_text("a.tar\n")
    monkeypatch.chdir(tmp_path)
    assert expand("@lists/shards.txt") == ["a.tar"]


@pytest.mark.parametrize(
    ("word", "told"),
    [
        ("{}/x.tar", r"1 of 1 inputs are missing: .*x\.tar"),
        ("{}/a-{{000..004}}.tar", r"2 of 5 inputs are missing: .*a-002\.tar, .*a-004\.tar"),
        ("{}/a-{{000..020}}.tar", r"18 of 21 .*a-002.*a-004.*a-005\.tar and 15 more"),
        ("{}/zz*.tar", r"nothing matches .*zz\*"),
        ("{}/none", r"none holds no shard \(\.tar"),
        ("@{}/no-list.txt", r"no-list\.txt failed: nothing is there"),
    ],
)
def test_what_is_missing_is_named_and_counted(base, word, told):
    with pytest.raises(InputMissing, match=told):
        expand(word.format(base))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["{}/a-000.tar", "{}/a-*.tar"], r"a-000\.tar is named twice"),
        (["{}/a-000.tar", "{}/c.tgz", "{}/a-000.tar", "{}/c.tgz"], "and 1 more is named twice"),
        (["{}/a-{{000..001.tar"], "braces"),
    ],
)
def test_a_wrong_list_is_told(base, words, told):
    with pytest.raises(JobError, match=told):
        expand([word.format(base) for word in words])


def test_a_list_does_not_name_a_list(base):
    storage.write(storage.join(base, "list.txt"), f"@{base}/list.txt".encode())
    with pytest.raises(JobError, match="another list"):
        expand(f"@{base}/list.txt")


def test_an_empty_list_is_told(base):
    storage.write(storage.join(base, "list.txt"), b"# nothing\n")
    with pytest.raises(InputMissing, match="names no shard"):
        expand(f"@{base}/list.txt")
    with pytest.raises(InputMissing, match="no input"):
        expand([])


def test_a_file_whose_name_looks_like_a_pattern_is_meant_as_it_stands(tmp_path):
    for name in ("odd[1].tar", "{x}.tar", "1.tar"):
        (tmp_path / name).write_bytes(b"")
    assert names(expand([f"{tmp_path}/odd[1].tar", f"{tmp_path}/{{x}}.tar"])) == [
        "odd[1].tar",
        "{x}.tar",
    ]


def test_an_unknown_protocol_is_told():
    with pytest.raises(StorageError, match="did you mean s3"):
        expand("s3x://bucket/a.tar")
    with pytest.raises(StorageError, match="never run"):
        expand("pipe:cat a.tar")
