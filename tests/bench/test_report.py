import pytest


@pytest.fixture
def report(bench):
    return bench("kernels.report")


MEASURED = [
    {"group": "flip 9px", "params": {"rival": "ours"}, "stats": {"median": 2e-6}},
    {"group": "flip 9px", "params": {"rival": "opencv"}, "stats": {"median": 5e-6}},
    {
        "group": "flip 9px",
        "params": {"rival": "<function pillow_simd at 0x7f>"},
        "stats": {"median": 1e-6},
    },
    {"group": "theirs alone", "params": {"rival": "opencv"}, "stats": {"median": 5e-6}},
]


def test_figures_are_grouped_by_what_is_compared(report):
    figures = report.by_group(MEASURED)
    assert figures == {"flip 9px": {"ours": 2.0, "opencv": 5.0, "pillow simd": 1.0}}
    assert report.ratios(figures) == {"flip 9px": {"opencv": 2.5, "pillow simd": 0.5}}


def test_the_table_tells_the_fastest_rival_first_and_stands_between_its_marks(report, tmp_path):
    figures = report.by_group(MEASURED)
    facts = {"processor": "P", "simd": "512-bit"}
    table = report.table(figures, report.ratios(figures), facts)
    assert "| flip 9px | 2 µs | pillow simd 0.5x, opencv 2.5x |" in table
    page = tmp_path / "README.md"
    page.write_text("before\n<!-- figures: begin -->\nold\n<!-- figures: end -->\nafter")
    for _ in range(2):
        report.place(page, table)
        assert page.read_text().startswith("before\n<!-- figures: begin -->\nP, 512-bit, one core")
    assert "old" not in page.read_text()
    page.write_text("nothing")
    with pytest.raises(ValueError, match="lacks the marks"):
        report.place(page, table)


def test_another_environment_adds_the_rivals_that_were_missing(report):
    first = {"flip 9px": {"opencv": 2.5}}
    other = {"flip 9px": {"opencv": 9.0, "pillow simd": 3.0}, "unknown": {"opencv": 1.0}}
    assert report.joined(first, other) == {"flip 9px": {"opencv": 2.5, "pillow simd": 3.0}}


def test_the_plot_is_a_picture(report, tmp_path):
    from PIL import Image

    path = tmp_path / "plot.png"
    report.plot(report.ratios(report.by_group(MEASURED)), path)
    with Image.open(path) as picture:
        assert picture.width > 500
