"""`pixelmill run` as a person types it: what it prints, how it ends, what it says of mistakes."""

import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import pytest

from pixelmill.demo.samples import write_samples


def test_one_line_does_a_job_and_says_how_it_went(pixelmill, photos, tmp_path):
    folder = Path(photos[0]).parent
    said = pixelmill(
        *("run", f"{folder}/train-{{000..002}}.tar", tmp_path / "out"),
        *("--min-size", 64, "--resize", 32, "--quality", 80, "--max-failures", 5),
    )
    assert said.code == 0
    for words in ("24 samples", "too_small 1", "undecodable 1", "3 of 3", "Done:"):
        assert words in said.out
    assert "of the workers' time is" in " ".join(said.out.split())  # the verdict


def test_a_job_file_and_the_line_write_the_same_version(pixelmill, photos, tmp_path):
    job = tmp_path / "job.yaml"
    job.write_text(
        f"source: {photos}\noutput: {tmp_path / 'file'}\nmax_failures: 5\n"
        "transforms:\n  - resize: 40\noutputs:\n  - image: {quality: 70}\n"
    )
    by_file = pixelmill("run", job, "--json")
    by_line = pixelmill(
        *("run", *photos, tmp_path / "line", "--json"),
        *("--resize", 40, "--quality", 70, "--max-failures", 5),
    )
    first, second = json.loads(by_file.out), json.loads(by_line.out)
    assert first["version"] == second["version"]
    assert first["tally"]["read"] == 24


def test_without_a_terminal_progress_is_plain_lines(photos, tmp_path):
    slow = tmp_path / "slowly.py"
    slow.write_text(
        "import time\n\n\nclass Wait:\n"
        "    def __call__(self, sample):\n        time.sleep(0.5)\n        return sample\n"
    )
    job = tmp_path / "job.yaml"
    job.write_text(
        f"source: {photos}\noutput: {tmp_path / 'out'}\nmax_failures: 5\n"
        "executor: {workers: 1}\ntransforms: ['slowly:Wait']\n"
    )
    done = run_process(job, env={"PYTHONPATH": str(tmp_path)})
    assert done.returncode == 0, done.stderr
    lines = [line for line in done.stderr.splitlines() if "images/s" in line]
    assert lines
    assert "\x1b" not in done.stderr
    assert "of 3 tasks" in lines[0]


def run_process(*args, env=None, **how):
    command = [sys.executable, "-m", "pixelmill", "run", *map(str, args)]
    environment = {**os.environ, **(env or {})}
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, check=False, **how
    )


def test_ctrl_c_leaves_nothing_half_and_says_how_to_go_on(tmp_path):
    shards = write_samples(str(tmp_path / "in"), 400, 8)
    out = tmp_path / "out"
    command = [sys.executable, "-m", "pixelmill", "run", *shards, str(out)]
    command += ["--resize", "200", "--workers", "1", "--quiet"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 60
    while not list(out.glob("ledger/0*.json")) and time.monotonic() < until:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    said, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert "Traceback" not in errors
    assert "run the same command again to go on" in " ".join(said.split())
    assert not list(out.rglob(".pixelmill-tmp*"))
    records = {path.stem for path in out.glob("ledger/0*.json")}
    assert 1 <= len(records) < 8
    assert {path.stem.removeprefix("train-") for path in out.glob("*.tar")} == records
    again = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert again.returncode == 0, again.stderr
    assert len(list(out.glob("*.tar"))) == 8


# --- what a new user gets wrong -------------------------------------------------------------------

WRONG = [
    ([], "Missing argument"),
    (["photos/"], "name the output folder"),
    (["nowhere.tar", "out"], "source.urls: 1 of 1 inputs are missing: nowhere.tar"),
    (["none-{0..2}.tar", "out"], "3 of 3 inputs are missing: none-0.tar, none-1.tar, none-2.tar"),
    (["*.tar", "out"], "nothing matches *.tar; check the path, and quote the pattern"),
    (["train-{0..2.tar", "out"], "do not match"),
    (["job.yaml"], "there is no such job file; `pixelmill init` writes one"),
    (["{photo}", "s3x://out"], "unknown protocol 's3x'; did you mean s3://?"),
    (["{photo}", "http://host/out"], "web servers are read, not written to"),
    (["pipe:cat x.tar", "out"], "is a shell command, which is never run"),
    (["{photo}", "out", "--resise", "3"], "No such option '--resise'"),
    (["{photo}", "out", "--filter", "box"], "give --resize, too"),
    (["{photo}", "out", "--set", "seed"], "--set seed: expected PLACE=VALUE"),
    (["{photo}", "out", "--set", "sede=1"], "sede: unknown option; did you mean 'seed'?"),
    (["{photo}", "out", "--resize", "big"], "expected a whole number or a list of numbers"),
    (["{photo}", "out", "--resize", "0"], "--resize: transforms[0].resize: size must be 1 or more"),
    (["{photo}", "out", "--color", "grey"], "did you mean 'gray'?"),
    (["{photo}", "out", "--image", "jpg"], "--image: outputs[0].image.format"),
    (["{photo}", "out", "--normalize", "imagenet"], "jpeg holds no floats"),
    (["{photo}", "{photo_folder}"], "holds files that no pixelmill job wrote"),
]


@pytest.mark.parametrize(("args", "words"), WRONG, ids=[" ".join(args) for args, _ in WRONG])
def test_a_mistake_is_told_in_words_before_anything_runs(
    pixelmill, photos, tmp_path, monkeypatch, args, words
):
    monkeypatch.chdir(tmp_path)
    known = {"photo": photos[0], "photo_folder": str(Path(photos[0]).parent)}
    said = pixelmill("run", *(known.get(arg.strip("{}"), arg) for arg in args))
    assert said.code == 2
    assert words in " ".join(said.err.split())
    assert not (tmp_path / "out").exists()


def test_all_mistakes_of_the_line_are_told_at_once(pixelmill, photos, tmp_path):
    said = pixelmill(
        *("run", "nowhere.tar", tmp_path / "out", "--resize", "abc", "--quality", 900),
        *("--color", "reb", "--set", "executor.workers=0"),
    )
    assert said.code == 2
    assert "The job has 5 mistakes; nothing has run." in said.err
    for place in ("--resize:", "--quality:", "--color:", "--set: executor.workers", "source.urls:"):
        assert place in said.err


def test_all_mistakes_of_a_file_are_told_with_the_source_among_them(pixelmill, tmp_path):
    job = tmp_path / "job.yaml"
    job.write_text("source: nowhere/*.tar\noutput: o\ntransforms:\n  - resize: {siz: 3}\n")
    said = pixelmill("run", job)
    assert said.code == 2
    assert "job.yaml line 4: transforms[0].resize.siz: unknown option; did you mean 'size'?" in (
        said.err
    )
    assert "nothing matches nowhere/*.tar" in said.err


def test_transforms_of_a_file_are_not_changed_by_the_lines_shortcuts(pixelmill, tmp_path):
    (tmp_path / "job.yaml").write_text("source: a\noutput: b\n")
    said = pixelmill("run", tmp_path / "job.yaml", "--resize", 64)
    assert said.code == 2
    assert "a job file has its own transforms" in said.err


def test_an_option_reaches_the_outputs_of_a_file_that_names_none(pixelmill, photos, tmp_path):
    job = tmp_path / "job.yaml"
    job.write_text(f"source: {photos[0]}\noutput: {tmp_path / 'out'}\nmax_failures: 5\n")
    assert pixelmill("run", job, "--image", "png").code == 0
    with tarfile.open(tmp_path / "out" / "train-000000.tar") as tar:
        assert any(name.endswith(".png") for name in tar.getnames())


def test_another_job_in_the_folder_is_refused_with_the_difference(pixelmill, photos, tmp_path):
    first = ("run", *photos, tmp_path / "out", "--max-failures", 5, "--quiet", "--resize")
    assert pixelmill(*first, 32).code == 0
    said = pixelmill(*first, 48)
    assert said.code == 2
    assert "transforms[0].resize.size: 32 before, 48 now" in said.err
    assert pixelmill(*first, 32).code == 0  # the same job: nothing to do


def test_too_much_in_quarantine_ends_with_1_and_the_way_on(pixelmill, photos, tmp_path):
    said = pixelmill("run", *photos, tmp_path / "out", "--max-failures", 0, "--resize", 32)
    assert said.code == 1
    assert "raise max_failures" in " ".join(said.out.split())


def test_a_missing_package_is_answered_with_its_pip_line(pixelmill, tmp_path, monkeypatch):
    import fsspec

    def missing(protocol):
        raise ImportError("Install gcsfs")

    monkeypatch.setattr(fsspec, "get_filesystem_class", missing)
    said = pixelmill("run", "gs://bucket/a.tar", tmp_path / "out")
    assert said.code == 2
    assert "pip install 'pixelmill[gcs]'" in said.err


def test_a_read_only_folder_is_told_in_words(pixelmill, photos, tmp_path):
    said = pixelmill("run", *photos, "/proc/pixelmill-out", "--resize", 32)
    assert said.code == 1
    assert "writing /proc/pixelmill-out" in said.err
