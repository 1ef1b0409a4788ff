"""What a person sees of leases and of added inputs."""

import json

import pixelmill as engine
from pixelmill import lease
from pixelmill.run import Watch


def test_added_shards_go_into_the_same_output_when_asked(pixelmill, photos, tmp_path):
    words = ["--resize", "48", "--max-failures", "5", "--quiet"]
    out = tmp_path / "out"
    assert pixelmill("run", *photos[:2], out, *words).code == 0
    refused = pixelmill("run", *photos, out, *words)
    assert refused.code == 2
    assert "input added: " in refused.err
    assert "--only-new" in refused.err
    assert pixelmill("run", *photos, out, *words, "--only-new").code == 0
    assert "3 of 3 tasks done, finished" in pixelmill("status", out).out
    assert pixelmill("verify", out).code == 0


def test_a_run_of_another_process_is_named_and_shown(pixelmill, photos, tmp_path):
    out, said = tmp_path / "out", []
    job = engine.Job(source=photos, output=str(out), transforms=[{"resize": 48}], max_failures=5)

    class Meanwhile(Watch):
        def finished(self, record):
            if not said:
                said.append(pixelmill("run", *photos, out, "--resize", "48"))
                said.append(pixelmill("status", out))
                said.append(pixelmill("status", out, "--json"))

    assert engine.run(job, Meanwhile()).exit_code == 0
    refused, status, as_json = said
    assert refused.code == 2
    assert "is being written by another run: process" in refused.err
    assert "being written by process" in status.out
    assert json.loads(as_json.out)["holder"]["pid"]


def test_a_run_that_lost_its_folder_ends_with_1(pixelmill, photos, tmp_path, monkeypatch):
    out = tmp_path / "out"

    def lost(self):
        raise lease.LeaseLost("another run took it")

    monkeypatch.setattr(lease.Claim, "expect_kept", lost)
    ended = pixelmill("run", *photos, out, "--resize", "48", "--quiet")
    assert ended.code == 1
    assert "Error: another run took it" in ended.err
