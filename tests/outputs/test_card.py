import pytest
import yaml

from pixelmill.outputs.card import OutputFacts, dataset_card
from pixelmill.outputs.features import webdataset_features
from pixelmill.outputs.patterns import shard_pattern


def facts(name="train", format="webdataset", samples=3, **more):
    suffix = {"webdataset": "tar", "parquet": "parquet"}[format]
    shards = [f"{name}-{i:06d}.{suffix}" for i in range(2)]
    more = {"fields": ["cls", "jpg", "json"], **more}
    return OutputFacts(name, format, shards, samples, **more)


def head(text):
    _, front, _ = text.split("---\n", 2)
    return yaml.safe_load(front)


def test_one_output_is_the_default_configuration():
    found = head(dataset_card([facts()], ["cat", "no: yes"]))
    assert found["configs"] == [
        {
            "config_name": "default",
            "data_files": [{"split": "train", "path": "train-" + "[0-9]" * 6 + "*.tar"}],
        }
    ]
    assert found["dataset_info"]["features"] == [
        {"name": "cls", "dtype": {"class_label": {"names": {"0": "cat", "1": "no: yes"}}}},
        {"name": "jpg", "dtype": "image"},
        {"name": "json", "dtype": "json"},
        {"name": "__key__", "dtype": "string"},
        {"name": "__url__", "dtype": "string"},
    ]
    assert found["dataset_info"]["splits"] == [{"name": "train", "num_bytes": 0, "num_examples": 3}]


def test_splits_share_a_configuration_and_sizes_have_one_each():
    splits = head(dataset_card([facts("train"), facts("val")]))
    assert [f["split"] for f in splits["configs"][0]["data_files"]] == ["train", "validation"]
    sizes = head(dataset_card([facts("small"), facts("large")]))
    assert [c["config_name"] for c in sizes["configs"]] == ["small", "large"]
    assert [c.get("default") for c in sizes["configs"]] == [True, None]


def test_another_format_stands_on_the_page_only():
    text = dataset_card([facts("a"), facts("b", "parquet")])
    assert len(head(text)["configs"]) == 1
    assert "| b | parquet | 2 | 3 |" in text


def test_a_field_of_unknown_type_leaves_the_types_to_the_reader():
    assert "features" not in head(dataset_card([facts(fields=["npy"])]))["dataset_info"]
    known = {"npy": {"list": {"list": {"list": "float32"}}}}
    info = head(dataset_card([facts(fields=["npy"], features=known)]))["dataset_info"]
    assert info["features"][0] == {"name": "npy", **known["npy"]}


def test_fields_that_were_read_become_those_written():
    told = facts(fields=["cls", "png", "seg.png"], image="jpeg")
    assert told.written == ["cls", "jpg", "seg.png"]


@pytest.mark.parametrize(
    ("samples", "size"), [(0, "n<1K"), (999, "n<1K"), (1000, "1K<n<10K"), (10**6, "1M<n<10M")]
)
def test_the_size_is_said_in_hugging_face_s_words(samples, size):
    assert head(dataset_card([facts(samples=samples)]))["size_categories"] == [size]


def test_no_output_makes_a_card_still():
    assert head(dataset_card([])) == {}


def test_a_pattern_takes_no_other_output_s_shards():
    mine, others = ["a-000000.tar", "a-000000-r1-001.tar"], ["a-2-000000.tar"]
    [pattern] = shard_pattern("a", mine, others)
    assert pattern == "a-" + "[0-9]" * 6 + "*.tar"
    assert shard_pattern("a", mine, ["a-123456-000000.tar"]) == mine


def test_only_the_last_part_of_a_field_tells_its_type():
    features = webdataset_features(["seg.png", "a.cls", "b.txt", "c.dat"])
    assert [f["dtype"] for f in features[:4]] == ["int64", "string", "binary", "image"]
