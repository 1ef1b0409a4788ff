"""Web servers: with ranges and without, and such as lose the thread."""

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import unquote

import pytest

from pixelmill import storage
from pixelmill.errors import InputMissing, NotAllowed, StorageError
from pixelmill.storage.stores import NoRanges, store

pytest.importorskip("aiohttp")

DATA = bytes(range(256)) * 4000


class Server(BaseHTTPRequestHandler):
    """Serves DATA; the path says in which way."""

    failures: dict = {}  # noqa: RUF012  (reset by the fixture)

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, body):
        kind = self.path.split("?")[0].split("/")[1]
        asked = self.headers.get("Range")
        if kind in ("403", "404"):
            self.send_error(int(kind))
            return
        if body and self.failures.get(kind, 0) > 0:
            self.failures[kind] -= 1
            self.send_error(503)
            return
        start, stop = 0, len(DATA)
        if kind != "plain" and asked:
            first, last = asked.removeprefix("bytes=").split("-")
            start, stop = int(first), min(int(last) + 1, len(DATA)) if last else len(DATA)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(DATA)}")
        else:
            self.send_response(200)
        if kind != "plain":
            self.send_header("Accept-Ranges", "bytes")
        if kind != "unsized":
            self.send_header("Content-Length", str(stop - start))
        self.send_header("ETag", '"1"')
        self.end_headers()
        if body:
            if kind == "cut" and stop - start > 1:
                self.wfile.write(DATA[start : start + 10])
                self.close_connection = True
                return
            self.wfile.write(DATA[start:stop])

    def log_message(self, *_):
        pass


@pytest.fixture
def site():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Server)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    Server.failures.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("kind", ["ranges", "plain", "unsized"])
def test_a_file_is_read_whole_with_ranges_and_without(site, kind):
    url = f"{site}/{kind}/x.tar"
    assert storage.read(url) == DATA
    assert b"".join(storage.chunks(url, 100_000)) == DATA
    assert storage.read_range(url, 1000, 2000) == DATA[1000:2000]
    assert storage.stat(url).size == (-1 if kind == "unsized" else len(DATA))


@pytest.mark.usefixtures("quick_retries")
def test_a_busy_server_is_asked_again(site):
    Server.failures["busy"] = 3
    assert b"".join(storage.chunks(f"{site}/busy/x", 300_000)) == DATA


@pytest.mark.usefixtures("quick_retries")
def test_a_server_that_cuts_every_answer_is_told(site):
    with pytest.raises(StorageError, match="kept failing"):
        list(storage.chunks(f"{site}/cut/x", 300_000))


def test_answers_are_told_in_words_without_the_signature(site):
    with pytest.raises(InputMissing):
        storage.read(f"{site}/404/x")
    with pytest.raises(NotAllowed) as caught:
        storage.read(f"{site}/403/x?X-Amz-Signature=secret123")
    assert "secret123" not in str(caught.value)


def test_a_web_server_is_not_written_to(site):
    with pytest.raises(StorageError, match="not written to"):
        storage.write(f"{site}/ranges/x", b"")


def test_a_whole_answer_to_a_question_for_a_part_is_not_read(site):
    """It would be the whole file for every chunk; what is read instead is a stream."""
    url = f"{site}/plain/x.tar"
    with pytest.raises(NoRanges):
        store(url).get(1000, 2000)
    assert storage.read_range(url, 1000, 2000) == DATA[1000:2000]


@pytest.mark.usefixtures("quick_retries")
def test_a_server_that_is_busy_for_long_is_not_said_to_have_lost_the_file(site):
    Server.failures["busy"] = 1000
    with pytest.raises(StorageError, match="kept failing") as caught:
        storage.read(f"{site}/busy/x")
    assert not isinstance(caught.value, InputMissing)


@pytest.fixture
def trusted(web):
    """The session's own authority is known, as a company's would be."""
    if web.authority:
        context = ssl.create_default_context(cafile=str(web.authority))
        storage.configure({"http": {"ssl": context}})
    yield web
    storage.configure({})


@pytest.mark.parametrize("name", ["plain.tar", "größe 1", "a+b", "a%23b", "100%25"])
def test_files_are_read_by_http_and_https(trusted, rng, name):
    data = rng.bytes(300_000)
    (trusted.root / unquote(name)).write_bytes(data)
    url = f"{trusted.url}/{name}"
    assert storage.read(url) == b"".join(storage.chunks(url, 70_000)) == data
    assert storage.read_range(url, 299_000, 300_000) == data[299_000:]
    entry = storage.stat(url)
    assert entry.size == 300_000
    assert entry.stamp
    assert storage.stat_all([url]) == [entry]
    assert not storage.exists(f"{trusted.url}/not-there")
    with pytest.raises(InputMissing):
        storage.read(f"{trusted.url}/not-there")


@pytest.mark.usefixtures("quick_retries")
def test_a_certificate_of_an_unknown_authority_is_refused(web, monkeypatch):
    if web.authority is None:
        pytest.skip("by TLS only")
    (web.root / "x").write_bytes(b"x")
    with pytest.raises(StorageError, match="certificate"):
        storage.read(f"{web.url}/x")
