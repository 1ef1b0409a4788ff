"""Images by the rows of labels: of Labelbox by URL, each fetched once, and what is gone is told."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from labels.exported import data_row, export, label
from labels.made import done, labelled, told
from splits.made import png, smooth

import pixelmill
from pixelmill.errors import JobError
from pixelmill.retry import retry


@pytest.fixture
def web(rng):
    """A server that signs its URLs: with another signature they are forbidden."""
    files, asked = {}, []

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self):
            path, _, query = self.path.partition("?")
            asked.append(path)
            status = 403 if query != "sig=good" else 404 if path[1:] not in files else 200
            data = files.get(path[1:], b"") if status == 200 else b""
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_):
            """Nothing on the terminal."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    server.files, server.asked = files, asked
    server.url = f"http://127.0.0.1:{server.server_port}"
    yield server
    server.shutdown()
    server.server_close()


def listed(labels, **more):
    return {"urls": labels["table"], "kind": "listed", **more}


def test_images_and_masks_are_downloaded_by_the_urls_of_the_export(tmp_path, rng, web):
    mask = np.zeros((64, 64), np.uint8)
    mask[4:8, 4:8] = 255
    web.files.update({f"{n}.png": png(smooth(rng)) for n in range(5)}, mask=png(mask))
    cat = {"name": "cat", "mask": {"url": f"{web.url}/mask?sig=good"}}
    rows = [
        data_row(f"{n}.png", label(cat), url=f"{web.url}/{n}.png?sig=good", size=(64, 64))
        for n in range(5)
    ]
    labels = {**export(tmp_path, *rows), "download": True}
    report, found, manifest = done(listed(labels, batch=2), tmp_path / "out", labels)
    assert report.exit_code == 0
    assert sorted(found) == [*"01234"]
    for n in range(5):
        assert found[f"{n}"]["png"] == web.files[f"{n}.png"]
        assert told(found[f"{n}"])["objects"]["bbox"] == [[4, 4, 4, 4]]
    assert manifest["labels"]["rows_without_image"] == 0
    assert web.asked.count("/3.png") == 1


def test_an_expired_url_and_one_that_is_gone_cost_their_images_alone(tmp_path, rng, web):
    web.files.update({f"{n}.png": png(smooth(rng)) for n in range(2)})
    ends = ("0.png?sig=good", "1.png?sig=expired", "2.png?sig=good")
    rows = [data_row(f"{n}.png", label(), url=f"{web.url}/{end}") for n, end in enumerate(ends)]
    rows.append(data_row("3.png", label(), url="file:///etc/hostname"))
    labels = {**export(tmp_path, *rows), "download": True}
    report, found, _ = done(listed(labels), tmp_path / "out", labels)
    assert report.tally.quarantined == {"image_not_allowed": 1, "image_missing": 2}
    assert sorted(found) == ["0"]
    web.files["2.png"] = web.files["0.png"]
    again = retry(str(tmp_path / "out"))
    assert again.tally.written == 2


def test_an_image_that_waits_for_its_mask_is_not_asked_for_again(tmp_path, rng, web):
    web.files["a.png"] = png(smooth(rng))
    cat = {"name": "cat", "mask": {"url": f"{web.url}/mask?sig=good"}}
    row = data_row("a.png", label(cat), url=f"{web.url}/a.png?sig=good")
    labels = {**export(tmp_path, row), "download": True}
    report, _, _ = done(listed(labels), tmp_path / "out", labels)
    assert report.tally.quarantined == {"mask_missing": 1}
    web.files["mask"] = png(np.full((64, 64), 255, np.uint8))
    assert retry(str(tmp_path / "out")).tally.written == 1
    assert web.asked.count("/a.png") == 1


def test_listed_images_need_labels_that_say_where_they_are(tmp_path):
    labels = export(tmp_path, data_row("a.png"))
    with pytest.raises(JobError, match="kind: listed takes the images that `labels` name"):
        labelled(listed(labels), tmp_path / "out", labels)


def test_a_stratified_split_reads_the_rows_and_downloads_nothing_twice(tmp_path, rng, web):
    web.files.update({f"{n}.png": png(smooth(rng)) for n in range(8)})
    web.files["mask"] = png(np.full((64, 64), 255, np.uint8))
    cat = {"name": "cat", "mask": {"url": f"{web.url}/mask?sig=good"}}
    rows = [
        data_row(
            f"{n}.png",
            label(cat, answers=[{"name": "k", "radio_answer": {"name": "ab"[n % 2]}}]),
            url=f"{web.url}/{n}.png?sig=good",
        )
        for n in range(8)
    ]
    labels = {**export(tmp_path, *rows), "download": True}
    split = {"fractions": {"train": 0.5, "test": 0.5}, "stratify": "json.labels"}
    report = pixelmill.run(labelled(listed(labels), tmp_path / "out", labels, split=split))
    assert report.tally.outputs == {"train": 4, "test": 4}
    assert sorted(web.asked) == sorted([*(f"/{n}.png" for n in range(8)), *["/mask"] * 8])
    assert json.loads((tmp_path / "out/manifest.json").read_text())["split"]
