"""The words that cut shards across tasks: what goes together, and what is said if it does not."""

import pytest

from pixelmill.errors import JobError
from pixelmill.job import job_from, parse_job, write_job
from pixelmill.job.schema import job_schema


def job(shards, **more):
    return job_from({"source": "a", "output": "b", "outputs": [{"shards": shards}], **more})


@pytest.mark.parametrize(
    ("shards", "said"),
    [
        ({"equal": True}, "outputs[0].shards: equal needs `samples`"),
        ({"divisible_by": 8}, "divisible_by needs `samples`"),
        ({"divisible_by": 8, "bytes": 1000}, "divisible_by needs `samples`"),
        ({"count": 8, "samples": 5}, "give one of them"),
        ({"count": 8, "equal": True}, "give one of them"),
        ({"count": 8, "bytes": 5}, "with equal alone"),
        ({"samples": 5, "bytes": 5, "equal": True}, "with equal alone"),
        ({"bytes": 5, "equal": True, "last": "drop"}, "with equal alone"),
        ({"samples": 5, "last": "drop"}, "outputs[0].shards.last: drop is for shards"),
        ({"samples": 5, "last": "dorp"}, "did you mean 'drop'?"),
        ({"samples": 5, "eqaul": True}, "did you mean 'equal'?"),
        ({"samples": 5, "divisble_by": 3}, "did you mean 'divisible_by'?"),
        ({"count": 0}, "outputs[0].shards.count"),
    ],
)
def test_what_does_not_go_together_is_told(shards, said):
    with pytest.raises(JobError) as caught:
        job(shards)
    assert said in str(caught.value)


def test_shuffled_shards_are_not_counted_in_bytes():
    with pytest.raises(JobError, match=r"outputs\[0\].shards.bytes: shards that are shuffled"):
        job({"bytes": 1000}, shuffle=True)


def test_what_is_copied_untouched_has_no_transforms():
    with pytest.raises(JobError, match="untouched: samples are copied into one output"):
        job({"count": 2}, untouched=True, transforms=[{"resize": 5}])


def test_a_shuffle_alone_is_enough_to_drop_what_is_left_over():
    assert job({"samples": 5, "last": "drop"}, shuffle=True).outputs[0].shards.last == "drop"


def test_a_written_job_says_the_words_that_were_said_and_no_others():
    words = {"samples": 5, "divisible_by": 4, "last": "pad"}
    before = job(words, shuffle=True)
    text = write_job(before, {})
    assert parse_job(text) == before
    assert "equal" not in text
    assert "untouched" not in text
    assert "shuffle" not in write_job(job({"samples": 5}), {})


def test_the_schema_knows_the_words():
    schema = job_schema()
    shards = schema["$defs"]["Shards"]["properties"]
    assert {"samples", "bytes", "equal", "count", "divisible_by", "last"} == shards.keys()
    assert shards["last"]["enum"] == ["keep", "drop", "pad"]
    assert schema["properties"]["shuffle"]["type"] == "boolean"
