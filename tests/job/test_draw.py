"""The words that draw samples: what goes together, and what is said if it does not."""

import pytest

from pixelmill.errors import JobError
from pixelmill.job import job_from, parse_job, write_job


def job(sample, **more):
    facts = {"source": "a", "output": "b", "shuffle": True, "outputs": [{"sample": sample}]}
    return job_from({**facts, **more})


@pytest.mark.parametrize(
    ("sample", "said"),
    [
        ({}, "give balance, weights or weight, or a number of samples"),
        ({"balance": "cls", "weight": "json.score"}, "balance and weight are two ways to draw"),
        ({"samples": "largest"}, "add `balance: cls`"),
        ({"weights": {"a": 2}, "samples": "smallest"}, "add `balance: cls`"),
        ({"weights": {"a": -1}}, "outputs[0].sample.weights.a"),
        ({"weights": {"a": float("nan")}}, "outputs[0].sample.weights.a"),
        ({"balanse": "cls"}, "did you mean 'balance'?"),
        ({"balance": "cls", "samples": 0}, "outputs[0].sample.samples"),
    ],
)
def test_what_does_not_go_together_is_told(sample, said):
    with pytest.raises(JobError) as caught:
        job(sample)
    assert said in str(caught.value)


def test_what_is_drawn_is_shuffled():
    with pytest.raises(JobError, match=r"outputs\[0\].sample: .* add `shuffle: true`"):
        job({"balance": "cls"}, shuffle=False)


@pytest.mark.parametrize(
    "sample",
    [
        {"balance": "json.label", "samples": "largest"},
        {"weights": {"cat": 2.0, "dog": 0.5}, "by": "json.label", "samples": 9},
        {"weight": "json.score", "replacement": True},
        {"samples": 100},
    ],
)
def test_a_job_file_holds_what_was_read_from_it(sample):
    read = job(sample)
    assert parse_job(write_job(read, {})) == read
    told = read.model_dump(mode="json")["outputs"][0]["sample"]
    assert told == {"replacement": False} | sample


def test_classes_that_yaml_reads_as_numbers_are_named_all_the_same():
    read = parse_job(
        "source: a\noutput: b\nshuffle: true\noutputs: [{sample: {weights: {0: 2, 13: 0.5}}}]"
    )
    assert read.outputs[0].sample.weights == {"0": 2.0, "13": 0.5}


def test_a_job_that_draws_nothing_says_nothing_of_it():
    read = job(None)
    assert "sample" not in read.model_dump(mode="json")["outputs"][0]
