"""The log: a line of JSON for each event, for inline runs, too."""

import json

import pytest

from pixelmill import Job
from pixelmill.errors import PixelmillError
from pixelmill.log import Log
from pixelmill.run import Watch, run


@pytest.fixture
def logged(photos, tmp_path):
    job = Job(source=photos, output=tmp_path / "out", transforms=[{"resize": 32}], max_failures=99)
    with Log(str(tmp_path / "log"), Watch()) as log:
        report = run(job, log)
        log.ended(report)
    return report, [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]


def test_it_begins_and_ends_and_tells_of_each_task(logged):
    report, lines = logged
    names = [line["event"] for line in lines]
    assert names[:2] == ["begun", "started"]
    assert names[-1] == "ended"
    committed = [line for line in lines if line["event"] == "committed"]
    assert {line["task"] for line in committed} == {record.task for record in report.records}
    assert sum(line["read"] for line in committed) == report.tally.read
    assert lines[-1]["version"] == report.version


def test_each_line_names_the_job_and_the_time(logged):
    _, lines = logged
    assert len({line["job"] for line in lines}) == 1
    times = [line["time"] for line in lines]
    assert times == sorted(times)


def test_a_bad_sample_is_told_with_its_key_and_shard(logged, photos):
    report, lines = logged
    bad = [line for line in lines if line["event"] == "quarantined"]
    assert len(bad) == report.tally.quarantined.total() > 0
    for line in bad:
        assert line["key"]
        assert line["reason"] in report.tally.quarantined
        assert any(line["shard"].startswith(shard) for shard in photos)


def test_a_log_that_cannot_be_written_is_an_error_at_once(tmp_path):
    with pytest.raises(PixelmillError, match=r"--log .*nowhere.* cannot be written"):
        Log(str(tmp_path / "nowhere" / "log"), Watch())
