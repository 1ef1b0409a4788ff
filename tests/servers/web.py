"""A read-only web server on loopback: nginx where it is installed, Python's otherwise; by TLS too.

The certificate is signed by an authority of the session's own, which nobody else trusts.
"""

import functools
import http.server
import re
import shutil
import ssl
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

import pytest
from servers.loopback import free_port, started


@dataclass(frozen=True)
class WebServer:
    url: str
    root: Path
    authority: Path | None = None


class Ranges(http.server.SimpleHTTPRequestHandler):
    """Files with ranges and ETags, as every web server of note has them."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = Path(self.directory, unquote(self.path).lstrip("/"))
        if not path.is_file():
            return self.send_error(404)
        data = path.read_bytes()
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        start, stop = (int(asked[1]), int(asked[2]) + 1) if asked else (0, len(data))
        stop = min(stop, len(data))
        self.send_response(206 if asked else 200)
        if asked:
            self.send_header("Content-Range", f"bytes {start}-{stop - 1}/{len(data)}")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(stop - start))
        self.send_header("ETag", f'"{path.stat().st_mtime_ns:x}-{len(data):x}"')
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(data[start:stop])
        return None

    do_HEAD = do_GET

    def log_message(self, *_):
        pass


NGINX = """
daemon off; master_process off; error_log {folder}/log; pid {folder}/pid;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}/t; proxy_temp_path {folder}/t;
  fastcgi_temp_path {folder}/t; uwsgi_temp_path {folder}/t; scgi_temp_path {folder}/t;
  server {{ listen 127.0.0.1:{port} {ssl}; root {root}; }}
}}
"""


@contextmanager
def by_nginx(folder, root, keys):
    port = free_port()
    tls = f"ssl; ssl_certificate {keys}/site.pem; ssl_certificate_key {keys}/site.key"
    text = NGINX.format(folder=folder, root=root, port=port, ssl=tls if keys else "")
    (folder / "nginx.conf").write_text(text)
    url = f"http{'s' if keys else ''}://127.0.0.1:{port}"
    asked = url.replace("https:", "http:")  # nginx answers plain HTTP with 400: it is there
    with started(["nginx", "-c", str(folder / "nginx.conf")], asked, folder):
        yield url


@contextmanager
def by_python(folder, root, keys):
    handler = functools.partial(Ranges, directory=str(root))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads, server.block_on_close = True, False
    if keys:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(keys / "site.pem", keys / "site.key")
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http{'s' if keys else ''}://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session", params=["http", "https"])
def web(request, tmp_path_factory):
    folder, root = tmp_path_factory.mktemp("web"), tmp_path_factory.mktemp("site")
    keys = keys_of_a_throwaway_authority(folder) if request.param == "https" else None
    serve = by_nginx if shutil.which("nginx") else by_python
    with serve(folder, root, keys) as url:
        yield WebServer(url, root, keys and keys / "authority.pem")


def keys_of_a_throwaway_authority(folder):
    if not shutil.which("openssl"):
        pytest.skip("certificates are made by openssl, which is not installed")

    def run(*words):
        subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)

    key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    (folder / "ext").write_text("subjectAltName=IP:127.0.0.1\n")
    run(
        *("req", "-x509", *key, "-keyout", "authority.key", "-out", "authority.pem", "-days", "1"),
        *("-subj", "/CN=pixelmill test authority"),
    )
    run("req", *key, "-keyout", "site.key", "-out", "site.csr", "-subj", "/CN=127.0.0.1")
    run(
        *("x509", "-req", "-in", "site.csr", "-CA", "authority.pem", "-CAkey", "authority.key"),
        *("-CAcreateserial", "-days", "1", "-extfile", "ext", "-out", "site.pem"),
    )
    return folder
