"""The page of promises: every test that it names is there; its figures are the results."""

import ast
import json
import re
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = (TESTS / "README.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))
PROMISES = PAGE.partition("\n## The figures")[0].split("\n## ")[1:]


def tests_of(file):
    tree = ast.parse((TESTS / file).read_text("utf-8"))
    return {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("file", sorted({file for file, _ in NAMED}))
def test_every_test_that_the_page_names_is_there(file):
    named = {test for place, test in NAMED if place == file}
    assert named - tests_of(file) == set()


@pytest.mark.parametrize("promise", PROMISES, ids=lambda text: text.partition("\n")[0])
def test_every_line_of_a_promise_names_a_test(promise):
    lines = promise.split("\n- ")[1:]
    assert lines
    assert [line for line in lines if "::test_" not in line] == []


def test_every_file_of_tests_of_faults_and_of_hostile_input_is_on_the_page():
    files = {
        str(path.relative_to(TESTS))
        for room in ("faults", "hostile", "fuzz")
        for path in (TESTS / room).glob("test_*.py")
    }
    assert files - {file for file, _ in NAMED} == set()


@pytest.fixture
def page(monkeypatch):
    monkeypatch.syspath_prepend(str(TESTS.parent))
    from bench.reliability import page

    yield page
    for name in [name for name in sys.modules if name == "bench" or name.startswith("bench.")]:
        del sys.modules[name]


def test_its_figures_are_those_of_the_results(page):
    between = PAGE.partition("<!-- figures: begin -->\n")[2].partition("\n<!-- figures: end -->")[0]
    found = json.loads((TESTS.parent / "bench/results/reliability.json").read_text("utf-8"))
    assert found.keys() == {"kills", "storage_faults", "hostile", "fuzz", "throughput"}
    assert between == page.figures(found)
