import json

import pytest

from pixelmill.measure.figures import Figure, Sheet
from pixelmill.measure.results import Results, read_results, write_results
from pixelmill.measure.scaling import Law


def test_results_come_back_from_their_file_as_they_were(tmp_path):
    figures = [
        Figure("a", "images", "images/s", (1.0, 3.0, 2.0)),
        Figure("a", "b", "ms", (9.0,), "less"),
    ]
    laws = [Law("USL", 10.0, 0.1, 0.01)]
    results = Results(
        "job", {"rounds": 3}, {"cores": 2}, figures, ["fast"], {1: 10.0}, laws, {"x": 1.0}
    )
    write_results(results, tmp_path / "a.json")
    assert read_results(tmp_path / "a.json") == results
    assert json.loads((tmp_path / "a.json").read_text())["figures"][0]["value"] == 2.0


@pytest.mark.parametrize("text", ["", "[]", '{"pixelmill_bench": 2}', '{"pixelmill_bench": 1}'])
def test_a_file_that_holds_no_results_is_named(tmp_path, text):
    path = tmp_path / "other.json"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"other\.json: expected what `pixelmill bench --json`"):
        read_results(path)


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"none\.json: cannot be read"):
        read_results(tmp_path / "none.json")


def test_a_sheet_keeps_rounds_apart_and_groups_together():
    sheet = Sheet()
    for value in (1, 2):
        sheet.note("a", "x", value, "u")
        sheet.note("b", "x", value, "u")
        sheet.note("a", "y", value, "u")
    assert [(f.group, f.name, f.rounds) for f in sheet.figures] == [
        ("a", "x", (1, 2)),
        ("a", "y", (1, 2)),
        ("b", "x", (1, 2)),
    ]
