"""No credential is written or shown: planted wherever one may be, and looked for everywhere."""

import os
import subprocess
import sys
import tarfile
import threading
from functools import partial
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path

import pytest
from bombs import saved
from children import ROOT, write_tar

from pixelmill import storage

PASSWORD, SIGNATURE, FROM_ENVIRONMENT = "pa55-w0rd-x", "s1gn4tur3-y", "3nv1r0nm3nt-z"
SECRETS = (PASSWORD, SIGNATURE, FROM_ENVIRONMENT)

LEAKY = """
import os
class Leaky:
    def __call__(self, sample):
        raise RuntimeError(f"no answer from http://me:{os.environ['PLANTED_SECRET']}@host/x, "
                           f"token {os.environ['PLANTED_SECRET']}")
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture
def server(tmp_path):
    """Serves tmp_path/shards; whatever user and query a request has."""
    folder = tmp_path / "shards"
    folder.mkdir()
    serving = HTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    yield folder, f"http://user:{PASSWORD}@127.0.0.1:{serving.server_port}"
    serving.shutdown()
    thread.join()
    serving.server_close()


def pixelmill(tmp_path, *words):
    """(exit code, all that it said) of the command line."""
    paths = [str(ROOT / "engine"), str(ROOT / "kernels"), str(tmp_path)]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(paths),
        "PLANTED_SECRET": FROM_ENVIRONMENT,
        "AWS_SECRET_ACCESS_KEY": FROM_ENVIRONMENT,
    }
    done = subprocess.run(
        [sys.executable, "-m", "pixelmill", *words],
        env=environment,
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def expect_no_secret(said, folder):
    texts = {"what it said": said.encode()}
    for path in folder.rglob("*"):
        if path.is_file():
            texts[str(path)] = path.read_bytes()
    assert len(texts) > 1
    for place, text in texts.items():
        for secret in SECRETS:
            assert secret.encode() not in text, (place, secret)


def url_of(base, name):
    return f"{base}/{name}?X-Amz-Signature={SIGNATURE}"


@pytest.mark.slow
def test_a_job_that_succeeds_writes_and_shows_no_secret(server, tmp_path):
    folder, base = server
    photo, broken = saved("JPEG", (64, 48)), saved("JPEG", (64, 48))[:300]
    write_tar(folder / "a.tar", [("a.jpg", photo), ("b.jpg", broken), ("c.txt", b"no image")])
    words = ("run", url_of(base, "a.tar"), "out", "--max-failures", "9", "--log", "log.jsonl")
    code, said = pixelmill(tmp_path, *words)
    assert code == 0, said
    for more in (("status", "out"), ("verify", "out"), ("retry", "out"), words[:3]):
        said += pixelmill(tmp_path, *more)[1]
    (tmp_path / "out" / "log.jsonl").write_bytes((tmp_path / "log.jsonl").read_bytes())
    assert "a.tar" in (tmp_path / "out" / "job.yaml").read_text()
    expect_no_secret(said, tmp_path / "out")


@pytest.mark.slow
def test_a_job_that_fails_writes_and_shows_no_secret(server, tmp_path):
    folder, base = server
    photo = saved("JPEG", (64, 48))
    write_tar(folder / "a.tar", [("a.jpg", photo)])
    cut = Path(write_tar(folder / "b.tar", [("b.jpg", photo), ("c.jpg", photo)]))
    cut.write_bytes(cut.read_bytes()[:2000])
    (tmp_path / "leaky.py").write_text(LEAKY)
    job = tmp_path / "job.yaml"
    urls = [url_of(base, "a.tar"), url_of(base, "b.tar")]
    job.write_text(f"source: {urls}\noutput: out\ntransforms: ['leaky:Leaky']\n")
    code, said = pixelmill(tmp_path, "run", "job.yaml", "--log", "out.jsonl")
    assert code == 1, said
    code, more = pixelmill(tmp_path, "run", url_of(base, "nowhere.tar"), "nothing")
    assert code == 2, more
    said += more
    said += pixelmill(tmp_path, "plan", url_of(base, "a.tar") + "::" + url_of(base, "a.tar"), "x")[
        1
    ]
    said += pixelmill(tmp_path, "run", "ftpx://u:" + PASSWORD + "@h/x.tar", "x")[1]
    said += pixelmill(tmp_path, "run", "job.yaml", "--resize", url_of(base, "x"))[1]
    (tmp_path / "out" / "log.jsonl").write_bytes((tmp_path / "out.jsonl").read_bytes())
    expect_no_secret(said, tmp_path / "out")
    with tarfile.open(tmp_path / "out" / "quarantine" / "000000.tar") as tar:
        why = tar.extractfile("a.why.json").read().decode()
    assert "no answer from http://***@host/x" in why


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            "http://u:p@h/a.tar::http://u:p@h/b.tar?x=1",
            "http://***@h/a.tar::http://***@h/b.tar?***",
        ),
        ("a.tar::http://u:p@h/b.tar", "a.tar::http://***@h/b.tar"),
        ("http://u:p@ss@h/a", "http://***@h/a"),
        ("s3://box/train-00?.tar", "s3://box/train-00?.tar"),
        ("s3://box/a?versionId=secret", "s3://box/a?***"),
    ],
)
def test_every_url_of_a_word_is_masked(text, shown):
    assert storage.masked(text) == shown


def test_what_others_say_is_scrubbed(monkeypatch):
    monkeypatch.setenv("SOME_API_KEY", "abcdefgh12345")
    monkeypatch.setenv("SHORT_TOKEN", "true")
    said = "it is true: abcdefgh12345 and 'https://u:p@h/x?sig=1', /x?Signature=abc&b=1 failed"
    shown = storage.scrubbed(said)
    assert shown == "it is true: *** and 'https://***@h/x?***', /x?*** failed"


def test_a_renewed_signature_is_no_changed_input(server, tmp_path):
    from pixelmill import Job
    from pixelmill.plan import make_plan

    folder, base = server
    (folder / "a.tar").write_bytes(bytes(10240))
    found = {
        make_plan(Job(source=f"{base}/a.tar?X-Amz-Signature={n}", output="out")).fingerprint
        for n in (1, 2)
    }
    assert len(found) == 1
