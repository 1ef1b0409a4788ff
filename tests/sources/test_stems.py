import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelmill.sources.stems import class_of, extension, gather


def told(names, image="auto"):
    groups, orphans = gather(names, image)
    found = {f.key: dict(f.files) for group in groups for f in group}
    return found, orphans


def test_files_that_share_an_image_s_stem_are_its_fields():
    found, orphans = told(["d/a.jpg", "d/a.json", "d/a.seg.png", "d/b.PNG", "d/c.txt", "a.json"])
    assert found == {
        "d/a": {"jpg": "d/a.jpg", "json": "d/a.json", "seg.png": "d/a.seg.png"},
        "d/b": {"png": "d/b.PNG"},
    }
    assert sorted(orphans) == ["a.json", "d/c.txt"]


def test_two_images_of_one_stem_are_two_samples_and_share_their_side_files():
    found, _ = told(["a.jpg", "a.png", "a.txt"])
    assert found == {
        "a_jpg": {"jpg": "a.jpg", "txt": "a.txt"},
        "a_png": {"png": "a.png", "txt": "a.txt"},
    }


def test_a_chosen_extension_makes_fields_of_the_other_images():
    found, _ = told(["a.jpg", "a.png"], image="jpg")
    assert found == {"a": {"jpg": "a.jpg", "png": "a.png"}}


def test_dots_in_names_make_no_two_keys_one():
    found, _ = told(["a.b.jpg", "a_b.jpg", "a.b.json"])
    assert found == {
        "a_b_jpg_0": {"jpg": "a.b.jpg", "json": "a.b.json"},
        "a_b_jpg_1": {"jpg": "a_b.jpg"},
    }


def test_a_side_file_goes_to_the_longest_stem():
    found, _ = told(["a.jpg", "a.b.png", "a.b.c.json"])
    assert found["a_b"] == {"png": "a.b.png", "c.json": "a.b.c.json"}
    assert found["a"] == {"jpg": "a.jpg"}


def test_a_mask_without_its_image_is_an_image():
    assert told(["a.seg.png"])[0] == {"a_seg": {"png": "a.seg.png"}}


NAMES = st.lists(
    st.builds(
        lambda folder, stem, last: f"{folder}{stem}.{last}",
        st.sampled_from(["", "d/", "e.f/"]),
        st.text("ab._", min_size=1, max_size=4).filter(lambda s: s.strip(".") and s[0] != "."),
        st.sampled_from(["jpg", "JPG", "png", "json", "seg.png", "txt"]),
    ),
    unique=True,
)


@given(NAMES)
def test_every_image_is_found_once_and_nothing_is_lost(names):
    groups, orphans = gather(names)
    found = [f for group in groups for f in group]
    images = [name for name in names if extension(name) in ("jpg", "png")]
    fields = {name for f in found for _, name in f.files}
    assert fields | set(orphans) == set(names)
    assert len({f.image for f in found}) == len(found)
    assert {f.image for f in found} <= set(images)
    assert set(images) <= fields


@given(NAMES, st.integers(1, 4))
def test_whole_groups_gather_to_the_same_samples_again(names, size):
    groups, _ = gather(names)
    for start in range(0, len(groups), size):
        together = groups[start : start + size]
        samples = [f for group in together for f in group]
        again, orphans = gather({name for f in samples for _, name in f.files})
        assert [f for group in again for f in group] == samples
        assert orphans == []


@pytest.mark.parametrize(
    ("name", "last"), [("a.JPG", "jpg"), ("a", ""), (".hidden", ""), ("d.x/a", ""), ("a.b.c", "c")]
)
def test_the_extension_is_what_follows_the_last_dot(name, last):
    assert extension(name) == last


def test_the_class_is_the_first_folder():
    assert (class_of("cat/x/a.jpg"), class_of("a.jpg")) == ("cat", "")
