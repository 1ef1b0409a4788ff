"""What one sample adds, asked of samples whose numbers are known."""

import json

import numpy as np
import pytest

from pixelmill.annotations.schema import object_columns, unknown_record
from pixelmill.sample import Sample
from pixelmill.statistics import Counts, Looking, told

look = Looking("levels")


def labelled(*boxes, width=100, height=40, **said):
    count = len(boxes)
    columns = object_columns(count, bbox=[*map(list, boxes)], category=[7] * count)
    record = unknown_record() | {"width": width, "height": height, "objects": columns} | said
    return {"json": json.dumps(record).encode()}


def counted(fields, image=None, size=(40, 100)):
    return told(look.at(image) | look.beside(Sample("a", fields, size=size)))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
@pytest.mark.parametrize("channels", [1, 3, 4, 13])
def test_levels_are_numpys_sums_mean_and_spread(rng, dtype, channels):
    image = rng.integers(0, np.iinfo(dtype).max + 1, (33, 47, channels), dtype)
    found = counted({}, image)["levels"][f"{np.dtype(dtype)}x{channels}"]
    wide = image.reshape(-1, channels).astype(object)
    assert found["sums"] == wide.sum(axis=0).tolist()
    assert found["squares"] == (wide**2).sum(axis=0).tolist()
    assert (found["images"], found["pixels"]) == (1, 33 * 47)
    np.testing.assert_allclose(found["mean"], image.mean(axis=(0, 1)), atol=1e-6)
    np.testing.assert_allclose(found["std"], image.std(axis=(0, 1)), atol=1e-6)


def test_sums_of_sixteen_bits_outgrow_no_word():
    """2.2 gigapixels of white: the squares need 65 bits."""
    counts, white = Counts(), np.full((2000, 2000, 1), 65535, np.uint16)
    one = look.at(white)
    for _ in range(2200):
        counts.update(one)
    found = told(counts)["levels"]["uint16x1"]
    assert found["squares"] == [65535**2 * 2200 * 2000**2]
    assert found["squares"][0] > 2**64
    assert (found["mean"], found["std"]) == ([65535.0], [0.0])


def test_floats_are_left_out_and_said():
    image = np.zeros((3, 4, 5), np.float32)
    assert counted({}, image)["levels"] == {"float32": {"left_out": 1}}


def test_a_view_of_pixels_is_counted_like_the_pixels(rng):
    image = rng.integers(0, 256, (30, 40, 3), np.uint8)
    turned = counted({}, image[::-1, ::2])
    assert turned["levels"] == counted({}, image[::-1, ::2].copy())["levels"]


def test_boxes_are_counted_by_area_aspect_and_how_many_an_image_has():
    found = counted(labelled((0, 0, 50, 20), (0, 0, 40, 10), (10, 10, 10, 40)))["objects"]
    assert found["an_image"] == {"3": 1}
    assert found["area"] == {"0.09375": 2, "0.25": 1}  # 400 and 400 of 4,000, 1,000 of 4,000
    assert found["aspect"] == {"0.25": 1, "2": 1, "4": 1}
    assert found["classes"] == {"7": 3}
    assert counted(labelled())["objects"] == {"an_image": {"0": 1}}


def test_states_of_labels_are_kept_apart():
    found = counted(labelled(labels=[0, 1, 2, 3], label_state=[1, 0, -1, -2]))
    assert found["classes"] == {"0": 1}
    assert found["absent"] == {"1": 1}
    assert found["uncertain"] == {"2": 1}


def test_a_class_is_counted_once_where_both_members_tell_it():
    fields = labelled(labels=[3], label_state=[1]) | {"cls": b"3"}
    assert counted(fields)["classes"] == {"3": 1}
    assert counted({"cls": b"12\n"})["classes"] == {"12": 1}
    assert "classes" not in counted({"cls": b"cat"})


@pytest.mark.parametrize("label", [b"65536", b"123456789012345678"])
def test_names_taken_for_classes_share_one_place(label):
    assert counted({"cls": label})["classes"] == {"other": 1}


@pytest.mark.parametrize(
    "data",
    [b'{"objects": {"bbox": [[1, 2]]}, "width": 1, "height": 1}', b'{"objects": ',
     b'{"objects": {"bbox": [], "category": ["cat"]}, "width": 1, "height": 1}',
     b'{"objects": {"bbox": []}, "width": null, "height": 1}'],
)  # fmt: skip
def test_a_json_that_breaks_off_is_counted_and_adds_nothing_else(data):
    found = counted({"json": data})
    assert found.pop("records", {}).get("unreadable", 0) == 1 or "objects" not in found
    assert "classes" not in found


def test_a_json_of_another_schema_is_nobodys():
    assert counted({"json": b'{"objects": [1, 2]}'}) == {"samples": 1, "sizes": {"96x32": 1}}
    assert counted(labelled(mine=1))["records"] == {"ours": 0}
    assert counted(labelled())["records"] == {"ours": 1}


def test_no_more_is_counted_than_was_asked_for():
    image, sample = np.zeros((3, 3, 3), np.uint8), Sample("a", {"cls": b"1"})
    assert Looking("counts").at(image) == {}
    assert Looking("counts").beside(sample) == look.beside(sample)
    assert Looking("none").at(image) == Looking("none").beside(sample) == {}
