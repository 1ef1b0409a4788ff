import json
import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest

from pixelmill.measure.figures import Figure
from pixelmill.measure.page import page_of
from pixelmill.measure.plots import LETTER, bars
from pixelmill.measure.results import Results, read_results, write_results
from pixelmill.measure.scaling import laws_of

SMALL = ("--rounds", 1, "--images", 4)


class Page(HTMLParser):
    """What a browser would show, draw and fetch; unclosed elements are an error."""

    def __init__(self, text):
        super().__init__()
        self.open, self.drawn, self.fetched, self.text = [], [], [], ""
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.fetched += [value for name, value in attrs if name in ("src", "href", "srcset")]
        if tag not in ("meta", "circle", "rect", "polyline"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.drawn.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def job_file(photos, tmp_path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    path = tmp_path / "job.yaml"
    facts = {"source": photos, "output": str(out), "transforms": [{"resize": 64}]}
    path.write_text(json.dumps(facts))
    return path


def test_this_machine_is_measured_in_every_respect(pixelmill, tmp_path):
    file, page = tmp_path / "bench.json", tmp_path / "bench.html"
    said = pixelmill("bench", *SMALL, "--storage", tmp_path, "--json", file, "--html", page)
    assert said.code == 0, said.all
    groups = {figure.group for figure in read_results(file).figures}
    jobs = ("shards to shards", "tensors", "augmented")
    assert {f"{job}, one core" for job in jobs} | {
        f"codec floor of {job}" for job in jobs
    } <= groups
    assert {"memory", "kernels", "temporary folder", "storage"} <= groups
    assert "12 megapixels, at 1/4 scale" in said.out
    assert "A million such images take" in said.out
    assert {"polyline", "rect", "circle"} <= set(Page(page.read_text()).drawn)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bench.html", "bench.json"]


def test_a_job_is_measured_and_its_output_is_not_touched(pixelmill, job_file, tmp_path):
    before = sorted(tmp_path.rglob("*"))
    said = pixelmill("bench", job_file, *SMALL)
    assert said.code == 0, said.all
    for words in ("step decode of the job", "efficiency", "peak memory", "read alone, one core"):
        assert words in said.out
    assert sorted(tmp_path.rglob("*")) == before


def test_one_side_alone_is_all_that_is_measured(pixelmill, job_file, tmp_path):
    file = tmp_path / "bench.json"
    said = pixelmill("bench", job_file, *SMALL, "--isolate", "decode", "--json", file)
    assert said.code == 0, said.all
    groups = {figure.group.partition(",")[0] for figure in read_results(file).figures}
    assert groups == {"decode alone"}


def test_storage_names_where_a_job_writes(pixelmill, job_file, tmp_path, monkeypatch):
    seen = []
    from pixelmill.measure import stores

    monkeypatch.setattr(stores, "note_folder", lambda sheet, group, folder: seen.append(folder))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    said = pixelmill("bench", job_file, *SMALL, "--isolate", "write", "--storage", elsewhere)
    assert said.code == 0, said.all
    assert all(folder.startswith(str(elsewhere)) for folder in seen)
    assert list(elsewhere.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("photos/",), "expected a job file or nothing, got 'photos/'"),
        (("--isolate", "read"), "--set and --isolate are for a job"),
        (("none.yaml",), "none.yaml: there is no such job file"),
        (("--json", "no/such/a.json"), "there is no folder no/such to write it into"),
        (("compare", "a.json"), "expected pairs of files, before and after, got 1"),
        (("compare", "a.json", "b.json"), "a.json: cannot be read"),
    ],
)
def test_wrong_usage_is_told_before_anything_is_measured(pixelmill, words, told):
    said = pixelmill("bench", *words)
    assert said.code == 2
    assert told in said.err


def results(rates, group="a job"):
    rounds = tuple(rates)
    figures = [Figure(group, "images", "images/s", rounds)]
    scaling = {1: 100.0, 2: 190.0, 4: 340.0}
    machine = {"processor": "<b>CPU & co</b>", "cores": 2, "simd": "", "load_before": 0}
    return Results(
        "job", {}, machine, figures, ["<i>said</i>"], scaling, laws_of(scaling), {"decode": 1.0}
    )


@pytest.mark.parametrize(("factor", "code"), [(1.0, 0), (0.8, 1), (1.25, 0)])
def test_compare_ends_with_1_where_something_got_worse(pixelmill, tmp_path, factor, code):
    rates = [100, 101, 102, 103, 104]
    write_results(results(rates), tmp_path / "a.json")
    write_results(results([factor * rate for rate in rates]), tmp_path / "b.json")
    said = pixelmill("bench", "compare", tmp_path / "a.json", tmp_path / "b.json")
    assert said.code == code, said.all
    assert f"Of 1 figures {code} got worse" in said.out
    told = pixelmill("bench", "compare", tmp_path / "a.json", tmp_path / "b.json", "--json")
    assert json.loads(told.out)["worse"] == code


def test_compare_refuses_a_name_that_no_figure_has(pixelmill, tmp_path):
    write_results(results([1, 2]), tmp_path / "a.json")
    said = pixelmill("bench", "compare", *[tmp_path / "a.json"] * 2, "--only", "nothing*")
    assert said.code == 2
    assert "no figure that all files have is named 'nothing*'" in said.err


def test_a_page_escapes_what_it_shows_and_fetches_nothing():
    text = page_of(results([1, 2, 3], group='<script>alert("x")</script>'))
    page = Page(text)
    assert "<script" not in text
    assert '<script>alert("x")</script>' in page.text
    assert "<b>CPU & co</b>" in page.text
    assert page.fetched == []
    drawings = re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    assert [ElementTree.fromstring(drawing).tag[-3:] for drawing in drawings] == ["svg"] * 3
    assert "url(" not in text
    assert "@import" not in text


def test_a_name_of_any_length_stands_whole_beside_its_bar():
    drawing = ElementTree.fromstring(bars([("a shard of a name " * 5, 3.0), ("b", 1.0)]))
    width = float(drawing.get("viewBox").split()[2])
    names = [text for text in drawing if text.get("text-anchor") == "end"]
    for name in names:
        assert float(name.get("x")) >= LETTER * len(name.text)
    numbers = [text for text in drawing if text.get("text-anchor") == "start"]
    assert max(float(number.get("x")) for number in numbers) < width - LETTER


def test_a_page_of_one_core_and_without_runs_opens():
    alone = Results("machine", {}, {"cores": 1}, [Figure("m", "copy", "GB/s", (1.0,))])
    assert "copy" in Page(page_of(alone)).text
