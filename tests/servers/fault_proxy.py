"""A proxy before an object store that does to its requests what networks and busy stores do.

It is asked by plain HTTP and asks the store behind it.  Which requests a fault meets is counted,
not drawn: every `every`-th of those that it can meet, so that a test meets the same each time.
"""

import http.client
import json
import socket
import struct
import threading
import time
from collections import Counter, deque
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ERROR = '<?xml version="1.0"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'
REFUSALS = {
    "AccessDenied": 403,
    "SignatureDoesNotMatch": 403,
    "NoSuchBucket": 404,
    "PermanentRedirect": 301,
    "AuthorizationHeaderMalformed": 400,
}
HOP = {"connection", "transfer-encoding", "keep-alive", "date", "server", "content-length"}


@dataclass
class Fault:
    """`kind` names what is done.

    `value` is the seconds of a latency, the key that expired, the requests a second above which the
    store is too busy, or S3's word for why it refuses.
    """

    kind: str = "none"
    every: int = 3
    value: float | str = 0.0
    methods: tuple = ("GET", "PUT", "POST", "HEAD", "DELETE")


class Proxy(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, upstream, injected):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.upstream = urlsplit(upstream).netloc
        self.injected, self.lock = injected, threading.Lock()
        self.here, self.seen, self.taken = Counter(), 0, deque()
        self.fault = Fault()
        self.over = threading.Event()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"

    def meets(self, *kinds, method):
        """Whether this request meets the fault; counted then."""
        fault = self.fault
        if fault.kind not in kinds or method not in fault.methods:
            return False
        with self.lock:
            self.seen += 1
            if self.seen % fault.every:
                return False
            self.injected[fault.kind] += 1
            self.here[fault.kind] += 1
            return True

    def is_busy(self):
        """Whether more than the store takes were let through in the last second."""
        if self.fault.kind != "slow_down":
            return False
        with self.lock:
            now = time.monotonic()
            while self.taken and now - self.taken[0] > 1:
                self.taken.popleft()
            busy = len(self.taken) >= self.fault.value
            if not busy:
                self.taken.append(now)
        return busy

    def handle_error(self, *_):
        """Connections end badly here on purpose."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Else an answer's body waits 40 ms for the acknowledgement of its headers.
    disable_nagle_algorithm = True

    def do_GET(self):
        server = self.server
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if server.meets("latency", method=self.command):
            time.sleep(server.fault.value)
        if server.is_busy() and server.meets("slow_down", method=self.command):
            return self.refuse(503, "SlowDown")
        if server.fault.kind == "expired" and server.fault.value in self.headers["Authorization"]:
            server.injected["expired"] += 1
            server.here["expired"] += 1
            return self.refuse(403, "ExpiredToken")
        if server.meets("refused", method=self.command):
            return self.refuse(REFUSALS[server.fault.value], server.fault.value)
        if sent and server.meets("flipped_upload", method=self.command):
            sent = flipped(sent)
        if server.meets("reset_before", method=self.command):
            return self.reset()
        status, headers, body = self.ask(sent)
        return self.answer(status, headers, body)

    do_HEAD = do_PUT = do_POST = do_DELETE = do_GET

    def ask(self, sent):
        headers = dict(self.headers.items())
        if self.server.fault.kind == "no_ranges" and headers.pop("Range", None):
            self.server.injected["no_ranges"] += 1
            self.server.here["no_ranges"] += 1
        headers.pop("Expect", None)
        line = http.client.HTTPConnection(self.server.upstream, timeout=60)
        try:
            line.request(self.command, self.path, body=sent or None, headers=headers)
            answer = line.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        finally:
            line.close()

    def answer(self, status, headers, body):
        said = {name.lower(): value for name, value in headers}
        large = len(body) > 1000 and "application/xml" not in said.get("content-type", "")
        meets = self.server.meets if large and status in (200, 206) else lambda *_, **__: False
        if meets("flipped", method=self.command):
            body = flipped(body)
        if meets("truncated", method=self.command):
            body = body[: len(body) // 2]
        length = said.get("content-length") if self.command == "HEAD" else len(body)
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(length or 0))
        self.end_headers()
        if meets("reset", method=self.command):
            self.wfile.write(body[: len(body) // 2])
            return self.reset()
        if meets("stall", method=self.command):
            self.wfile.write(body[: len(body) // 2])
            self.server.over.wait(60)
            return self.reset()
        return self.wfile.write(body)

    def refuse(self, status, code):
        body = ERROR.format(code=code).encode() if self.command != "HEAD" else b""
        self.send_response(status)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def reset(self):
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()

    def log_message(self, *_):
        pass


def flipped(data):
    """One bit of the byte in the middle."""
    middle = len(data) // 2
    return data[:middle] + bytes([data[middle] ^ 4]) + data[middle + 1 :]


@contextmanager
def proxied(upstream, injected):
    server = Proxy(upstream, injected)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="session")
def injected(request):
    """How many faults of each kind the session's tests met; kept for the page of figures."""
    found = Counter()
    yield found
    place = Path(request.config.rootpath, ".benchmarks", "storage-faults.json")
    place.parent.mkdir(exist_ok=True)
    place.write_text(json.dumps(dict(sorted(found.items())), indent=1) + "\n")


@pytest.fixture
def proxy(s3, injected):
    with proxied(s3.endpoint, injected) as server:
        yield server
