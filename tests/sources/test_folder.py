import os
import pickle

import pytest

from pixelmill import storage
from pixelmill.errors import InputMissing, JobError, ShardError
from pixelmill.sample import Failure, Sample
from pixelmill.sources import open_source


def read(source):
    return [sample for part in source.parts() for sample in source.read(part)]


def folder(*urls, **options):
    return open_source(urls, "folder", **options)


def test_a_sample_has_its_file_s_bytes_and_says_which_is_the_image(tree, tmp_path):
    root = tree({"a.jpg": None, "a.json": b"{}"})
    [sample] = read(folder(root))
    assert sample.key == "a"
    assert sample.fields == {
        "jpg": (tmp_path / "photos/a.jpg").read_bytes(), "json": b"{}",
    }  # fmt: skip
    assert list(sample.fields) == ["jpg", "json"]
    assert sample.image_field == "jpg"
    assert sample.where == f"{root}/a.jpg"


def test_class_folders_become_labels_in_sorted_order(tree):
    source = folder(tree({"dog/1.jpg": None, "cat/2.jpg": None, "cat/deep/3.png": None}))
    samples = {s.key: s.fields["cls"] for s in read(source)}
    assert samples == {"cat/2": b"0", "cat/deep/3": b"0", "dog/1": b"1"}
    assert source.about()["classes"] == ["cat", "dog"]


def test_a_label_file_wins_over_the_folder(tree):
    root = tree({"a/1.jpg": None, "a/1.cls": b"7", "b/2.jpg": None})
    assert {s.key: s.fields["cls"] for s in read(folder(root))} == {"a/1": b"7", "b/2": b"1"}


def test_images_in_the_root_have_no_label_and_are_counted(tree):
    source = folder(tree({"a/1.jpg": None, "b/2.jpg": None, "3.jpg": None}))
    assert [s.key for s in read(source) if "cls" not in s.fields] == ["3"]
    assert source.about()["unlabelled"] == 1


def test_one_folder_makes_no_class(tree):
    source = folder(tree({"images/1.jpg": None, "images/2.jpg": None, "notes/x.txt": b""}))
    assert all("cls" not in s.fields for s in read(source))
    assert source.about()["classes"] == []


def test_splits_are_not_taken_for_classes_and_the_mend_works(tree):
    root = tree({"train/a/1.jpg": None, "train/b/2.jpg": None, "val/a/1.jpg": None})
    with pytest.raises(JobError, match=rf"splits \(train, val\).*{root}/train {root}/val"):
        folder(root).parts()
    samples = {s.key: s.fields["cls"] for s in read(folder(f"{root}/train", f"{root}/val"))}
    assert samples == {"train/a/1": b"0", "train/b/2": b"1", "val/a/1": b"0"}


def test_two_roots_of_one_name_are_refused(tree):
    first, second = tree({"1.jpg": None}, "x/photos"), tree({"1.jpg": None}, "y/photos")
    with pytest.raises(JobError, match=r"2 folders are named 'photos'"):
        folder(first, second).parts()


def test_hidden_and_other_files_are_passed_over_and_counted(tree):
    source = folder(
        tree({"1.jpg": None, ".DS_Store": b"", ".git/x.jpg": None, "a.xml": b"", "b.xml": b""})
    )
    assert [s.key for s in read(source)] == ["1"]
    assert source.about() == {
        "kind": "folder", "images": 1, "classes": [], "unlabelled": 1,
        "ignored": {"xml": 2}, "hidden": 2,
    }  # fmt: skip


def test_a_folder_without_images_says_what_is_there(tree):
    with pytest.raises(InputMissing, match=r"no images in .*photos; found instead: 1 \.xml"):
        folder(tree({"a.xml": b""})).parts()


def test_a_missing_folder_is_missing(tmp_path):
    with pytest.raises(InputMissing, match="nowhere"):
        folder(str(tmp_path / "nowhere")).parts()


def test_parts_are_batches_that_a_fresh_source_reads_without_listing(tree, monkeypatch):
    root = tree({f"{c}/{i}.jpg": None for c in "ab" for i in range(5)})
    parts = folder(root, batch=4).parts()
    assert [(p.start, p.stop) for p in parts] == [(0, 4), (4, 8), (8, 10)]
    whole = read(folder(root))
    monkeypatch.setattr("pixelmill.sources.folder.listing", None)
    worker = pickle.loads(pickle.dumps(folder(root, batch=4)))
    assert [s for part in parts for s in worker.read(part)] == whole


def test_a_part_changes_its_stamp_when_a_file_does(tree, tmp_path):
    root = tree({"1.jpg": None})
    before = folder(root).parts()[0]
    os.utime(tmp_path / "photos/1.jpg", ns=(1, 1))
    after = folder(root).parts()[0]
    assert before.size == after.size
    assert before.stamp != after.stamp


def test_a_file_that_went_away_fails_its_own_sample_only(tree, tmp_path):
    source = folder(tree({"1.jpg": None, "2.jpg": None, "2.json": b"{}"}))
    [part] = source.parts()
    (tmp_path / "photos/2.jpg").unlink()
    first, second = source.read(part)
    assert isinstance(first, Sample)
    assert isinstance(second, Failure)
    assert (second.key, second.reason, second.fields) == ("2", "missing", {"json": b"{}"})


def test_fields_that_differ_in_case_only_fail_the_sample(tree):
    [sample] = read(folder(tree({"1.jpg": None, "1.txt": b"a", "1.TXT": b"b"})))
    assert isinstance(sample, Failure)
    assert sample.reason == "duplicate_member"


def test_a_key_that_two_files_would_get_is_refused(tree):
    root = tree({"a.jpg": None, "a.png": None, "a_jpg.png": None})
    with pytest.raises(ShardError, match=r"both get the key 'a_jpg'; rename"):
        folder(root).parts()


def test_a_glob_takes_what_it_matches(tree):
    root = tree({"a/1.jpg": None, "b/2.jpg": None, "b/3.png": None})
    assert [s.key for s in read(folder(f"{root}/*/*.jpg"))] == ["a/1", "b/2"]
    assert [s.key for s in read(folder(f"{root}/*/*.jpg", f"{root}/*/*.png"))] == [
        "a/1", "b/2", "b/3",
    ]  # fmt: skip


def test_a_relative_folder_and_a_bucket_give_the_same_samples(tree, tmp_path, monkeypatch):
    tree({"a/1.jpg": None, "b/2.jpg": None})
    monkeypatch.chdir(tmp_path)
    expected = [(s.key, s.fields) for s in read(folder("photos/"))]
    for name in ("a/1.jpg", "b/2.jpg"):
        storage.write(f"memory://folder-test/{name}", (tmp_path / "photos" / name).read_bytes())
    assert [(s.key, s.fields) for s in read(folder("memory://folder-test"))] == expected
    monkeypatch.chdir(tmp_path / "photos")
    assert [(s.key, s.fields) for s in read(folder("."))] == expected


def test_closing_early_leaves_no_thread(tree):
    source = folder(tree({f"{i}.jpg": None for i in range(20)}))
    samples = source.read(source.parts()[0])
    next(samples)
    samples.close()
    import threading

    assert not [t for t in threading.enumerate() if t.name.startswith("folder")]
