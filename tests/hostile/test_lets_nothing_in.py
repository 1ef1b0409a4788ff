"""Nothing lets anyone in: files are data, and no name leads out of the output folder."""

import ast
import io
import os
import pickle
import tarfile
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from bombs import saved
from children import ROOT, write_tar

import pixelmill
from pixelmill import Job
from pixelmill.codecs import decode, peek
from pixelmill.codecs.options import Decode
from pixelmill.errors import JobError, SampleError
from pixelmill.job import parse_job
from pixelmill.outputs.card import OutputFacts, dataset_card
from pixelmill.verify import verify

PHOTO = saved("JPEG", (32, 24))
ENGINE = sorted((ROOT / "engine").rglob("*.py"))

CODE = [
    "!!python/object/apply:os.system ['touch {there}']",
    "!!python/object/new:os.system ['touch {there}']",
    "source: !!python/name:os.system",
    "source: !!python/module:os",
    "source: a.tar\noutput: !!python/object/apply:subprocess.getoutput ['touch {there}']",
]


@pytest.mark.parametrize("text", CODE)
def test_a_job_file_runs_nothing(text, tmp_path):
    there = tmp_path / "there"
    with pytest.raises(JobError, match="not a YAML text"):
        parse_job(text.format(there=there))
    assert not there.exists()


def test_a_job_yaml_in_an_output_folder_runs_nothing(tmp_path):
    there = tmp_path / "there"
    (tmp_path / "job.yaml").write_text(CODE[0].format(there=there))
    with pytest.raises(yaml.YAMLError):
        verify(str(tmp_path))
    assert not there.exists()


class Bomb:
    def __reduce__(self):
        return os.mkdir, ("pickle-was-here",)


def test_a_pickle_in_an_npy_is_refused_and_not_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = io.BytesIO()
    np.save(file, np.array([[[Bomb()]]], object), allow_pickle=True)
    for data in (file.getvalue(), pickle.dumps(Bomb())):
        with pytest.raises(SampleError):
            peek(data)
        with pytest.raises(SampleError):
            decode(data, Decode())
    assert not Path("pickle-was-here").exists()


def called(tree):
    """(line, what is called, its keywords) of every call of a file."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            said = {word.arg: ast.unparse(word.value) for word in node.keywords}
            yield node.lineno, ast.unparse(node.func), said


@pytest.mark.parametrize("path", ENGINE, ids=lambda path: path.stem)
def test_no_file_of_the_engine_reads_code_as_data(path):
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        forbidden = {"pickle", "marshal", "shelve", "dill", "cloudpickle", "joblib"}
        assert path.name in IN_MEMORY or not forbidden & set(names)
    for line, call, words in called(tree):
        where = f"{path.name}:{line}"
        assert call not in ("eval", "exec", "compile", "os.system", "os.popen"), where
        assert path.name in IN_MEMORY or not call.startswith("pickle."), where
        assert path.name in CHILDREN or not call.startswith("subprocess."), where
        assert call not in ("yaml.load", "yaml.unsafe_load", "yaml.full_load"), where
        assert words.get("allow_pickle", "False") == "False", where
        assert "shell" not in words, where


# Packs what this very process made; neither a disk nor a wire ever holds it.
IN_MEMORY = {"shelf.py"}
# One starts this very interpreter, for single samples and suspect shards; one asks git for our own
# commit.  Neither has a word from a job.
CHILDREN = {"process.py", "machine.py"}

HOSTILE = [
    "../x",
    "/etc/x",
    "a/../../x",
    "a\0b",
    "a\nb",
    "~/x",
    "__x__",
    "__x__/a",
    "..",
    "",
    "k" * 65536,
]


def below(folder):
    return {path.relative_to(folder) for path in folder.rglob("*")}


def test_no_key_of_a_row_leads_out_or_stops_the_others(tmp_path):
    keys = [*HOSTILE, "good"]
    images = [PHOTO] * len(keys)
    columns = {"key": keys, "image": images}
    columns |= dict.fromkeys(("Mask", "mask", "a/b", "../c", "__key__"), images)
    pq.write_table(pa.table(columns), tmp_path / "in.parquet")
    before = below(tmp_path)
    report = run(tmp_path / "in.parquet", tmp_path, source_more={"key": "key", "image": "image"})
    assert report.tally.read == len(keys)
    expect_all_inside(report, tmp_path, before)


def test_no_name_of_a_member_leads_out_or_stops_the_others(tmp_path):
    members = [(f"{key}.jpg", PHOTO) for key in HOSTILE if "\0" not in key]
    path = write_tar(tmp_path / "in.tar", [*members, ("good.jpg", PHOTO)])
    before = below(tmp_path)
    expect_all_inside(run(path, tmp_path), tmp_path, before)


def run(source, folder, source_more=()):
    spec = {"urls": str(source), **dict(source_more)}
    job = {"source": spec, "output": str(folder / "out"), "max_failures": 1000}
    return pixelmill.run(Job(**job, outputs=[{"name": "a"}, {"name": "b", "format": "parquet"}]))


def expect_all_inside(report, folder, before):
    assert report.failed == []
    assert report.exit_code == 0
    assert report.tally.balances
    assert report.tally.written >= 1
    assert all(path.parts[0] == "out" for path in below(folder) - before)
    assert verify(str(folder / "out")).problems == []
    for tar in (folder / "out").rglob("*.tar"):
        with tarfile.open(tar) as opened:
            for info in opened:
                assert info.isreg()
                assert not info.name.startswith("/")
                assert ".." not in info.name.split("/")
                assert len(info.name) < 5000
        with tarfile.open(tar) as opened:
            opened.extractall(folder / "unpacked" / tar.stem, filter="data")


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/b", "a\0b", "", ".."])
def test_an_output_s_name_cannot_lead_out(name):
    with pytest.raises(JobError):
        parse_job(yaml.safe_dump({"source": "a.tar", "output": "o", "outputs": [{"name": name}]}))


def test_a_card_shows_names_and_runs_none_of_them():
    facts = OutputFacts(
        "train", "webdataset", ["train-000000.tar"], 1, ["jpg", "<img src=x>", "a|b"]
    )
    classes = [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "a\n# b",
        "golden_retriever",
    ]
    page = dataset_card([facts], classes).split("\n---\n")[1]
    assert "\\<script\\>alert(1)\\</script\\>" in page
    assert "\\[x\\](javascript:alert(1))" in page
    assert "\\<img src=x\\>" in page
    assert "a\\|b" in page
    assert "a \\# b" in page
    assert "golden_retriever" in page


def test_a_terminal_shows_names_as_they_are(tmp_path, capsys):
    """A name with Rich's own markup would end the run with an error of Rich's."""
    path = Path(write_tar(tmp_path / "a[red].tar", [("x[/]y.jpg", PHOTO), ("[/red].jpg", PHOTO)]))
    path.write_bytes(path.read_bytes()[:2500])
    from pixelmill.cli.progress import Progress
    from pixelmill.cli.summary import summarise

    with Progress() as watch:
        watch.failed("task 000000: [/red] is no member")
        watch.event({"event": "stalled", "message": "[/bold] does not move"})
    summarise(run(path, tmp_path))
    said = capsys.readouterr()
    assert "[/red] is no member" in said.out + said.err
    assert "a[red].tar" in said.out + said.err
