import pytest

from pixelmill.errors import EncodeError
from pixelmill.outputs import written_fields
from pixelmill.sample import Sample

SAMPLE = Sample("k", {"cls": b"1", "png": b"old", "json": b"{}"}, "a.tar", "png")


def test_the_image_takes_the_place_of_the_old_one():
    fields = written_fields(SAMPLE, b"new", "jpg")
    assert list(fields.items()) == [("cls", b"1"), ("jpg", b"new"), ("json", b"{}")]
    assert list(SAMPLE.fields) == ["cls", "png", "json"]


def test_the_same_extension_keeps_its_place():
    fields = written_fields(SAMPLE, b"new", "png")
    assert list(fields.items()) == [("cls", b"1"), ("png", b"new"), ("json", b"{}")]
    assert SAMPLE.fields["png"] == b"old"


def test_without_an_image_the_fields_stay_as_they_are():
    assert written_fields(SAMPLE, None, "jpg") == SAMPLE.fields


def test_an_image_that_no_field_held_comes_last():
    assert list(written_fields(Sample("k", {"txt": b"t"}), b"new", "jpg")) == ["txt", "jpg"]


def test_a_field_is_never_overwritten():
    with pytest.raises(EncodeError, match=r"a\.tar k: .*'json'.*another field") as caught:
        written_fields(SAMPLE, b"new", "json")
    assert caught.value.reason == "name_taken"
