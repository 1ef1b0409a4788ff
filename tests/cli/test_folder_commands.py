"""The commands that look at an output folder, or at a job: plan, status, verify, retry, init."""

import json

import jsonschema
import pytest
import yaml

import pixelmill as engine
from pixelmill import Job
from pixelmill.estimate import Estimate


@pytest.fixture(scope="module")
def out(photos, tmp_path_factory):
    folder = tmp_path_factory.mktemp("done") / "out"
    job = Job(
        source=photos,
        output=str(folder),
        transforms=[{"min_size": 64}, {"resize": 48}],
        max_failures=5,
    )
    assert engine.run(job).exit_code == 0
    return folder


def test_status_says_how_far_it_has_come_and_what_was_left_out(pixelmill, out):
    said = pixelmill("status", out)
    assert said.code == 0
    assert "3 of 3 tasks done, finished" in said.out
    assert "read 24 = written 22 + dropped 1 + quarantined 1" in said.out
    assert json.loads(pixelmill("status", out, "--json").out)["tally"]["written"] == 22


def test_verify_ends_with_0_where_all_is_well_and_with_1_where_not(pixelmill, out):
    assert pixelmill("verify", out).code == 0
    shard = out / "train-000001.tar"
    whole = shard.read_bytes()
    try:
        shard.write_bytes(whole[:-10240])
        said = pixelmill("verify", out)
    finally:
        shard.write_bytes(whole)
    assert said.code == 1
    assert "train-000001.tar" in said.out


@pytest.mark.parametrize("command", ["status", "verify", "retry"])
def test_a_folder_that_is_no_output_is_told_so(pixelmill, tmp_path, command):
    said = pixelmill(command, tmp_path)
    assert said.code == 1
    assert "no output of pixelmill run" in said.err


def test_retry_keeps_the_sums_where_nothing_was_mended(pixelmill, out):
    for _ in range(2):
        said = pixelmill("retry", out)
        assert said.code == 0
        assert "over budget" not in said.out
        assert json.loads(pixelmill("status", out, "--json").out)["tally"]["read"] == 24
    assert pixelmill("verify", out).code == 0


def test_retry_tells_a_wrong_change(pixelmill, out):
    assert "expected PLACE=VALUE" in pixelmill("retry", out, "--set", "decode.max_pixels").err
    said = pixelmill("retry", out, "--set", "decode.max_pixel=3")
    assert said.code == 2
    assert "did you mean 'max_pixels'?" in said.err


def test_plan_foretells_what_the_run_then_does(pixelmill, photos, tmp_path, out):
    args = ("plan", *photos, tmp_path / "plan", "--min-size", 64, "--resize", 48)
    found = json.loads(pixelmill(*args, "--json").out)
    assert not (tmp_path / "plan").exists()
    assert found["tasks"] == found["shards"] == 3
    assert found["samples"] == pytest.approx(24, abs=3)  # shards hold unlike samples
    written = sum(path.stat().st_size for path in out.glob("train-00000?.tar"))
    # Tars end at multiples of 10 KiB, which counts in shards as small as these.
    assert found["output_bytes"] == pytest.approx(written, abs=3 * 10240 + 0.2 * written)
    assert found["worker_bytes"] > 50e6
    said = pixelmill(*args)
    assert said.code == 0
    assert "images/s" in said.out


def test_plan_refuses_what_the_disk_will_not_hold(pixelmill, photos, tmp_path, monkeypatch):
    from pixelmill import storage

    monkeypatch.setattr(storage, "free_bytes", lambda url: 1000)
    said = pixelmill("plan", *photos, tmp_path / "out", "--resize", 48)
    assert said.code == 2
    assert "free some, or write elsewhere" in " ".join(said.out.split())
    run = pixelmill("run", *photos, tmp_path / "out", "--resize", 48)
    assert run.code == 1
    assert "the output needs about" in run.err


def test_an_estimate_survives_a_source_without_samples():
    facts = Estimate(1, 0, 0, 0, 1, 0, 0.0, 0.0, 0.0, 0.0, 1, "inline", 1, None).to_json()
    assert facts["samples"] == 0


def test_init_writes_a_job_that_plan_understands(pixelmill, photos, tmp_path):
    path = tmp_path / "job.yaml"
    folder = photos[0].rpartition("/")[0]
    assert pixelmill("init", path, "--source", folder, "--output", tmp_path / "o").code == 0
    assert pixelmill("plan", path).code == 0
    said = pixelmill("init", path)
    assert said.code == 2
    assert "add --force" in said.err
    assert pixelmill("init", path, "--force").code == 0


def test_the_schema_takes_good_jobs_and_refuses_bad_ones(pixelmill, tmp_path):
    schema = json.loads(pixelmill("schema").out)
    path = tmp_path / "job.yaml"
    pixelmill("init", path)
    jsonschema.validate(yaml.safe_load(path.read_text()), schema)
    good = {"source": "a.tar", "output": "out", "transforms": [{"resize": 256}, "flip"]}
    jsonschema.validate(good, schema)
    for bad in (
        {**good, "outptu": "x"},
        {**good, "transforms": [{"resize": {"siz": 3}}]},
        {**good, "decode": {"color": "reb"}},
    ):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(bad, schema)


def test_plan_names_the_code_that_is_not_pixelmill_s(pixelmill, photos, tmp_path, monkeypatch):
    (tmp_path / "mine_to_plan.py").write_text("class Mine:\n    def __call__(self, s): return s\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    job = tmp_path / "job.yaml"
    job.write_text(
        f"source: {photos}\noutput: {tmp_path / 'out'}\n"
        "transforms:\n  - resize: 40\n  - mine_to_plan:Mine\n"
    )
    said = pixelmill("plan", job)
    assert said.code == 0
    assert "mine_to_plan:Mine" in said.out
    assert "resize" not in said.out
