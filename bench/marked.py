"""Marked: the part of a page that a benchmark writes, between two marks that no reader sees."""

from pathlib import Path

BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"


def place(page: Path, figures: str) -> None:
    """Put the figures between the page's two marks."""
    page.write_text(placed(page.read_text(encoding="utf-8"), figures), encoding="utf-8")


def placed(text: str, figures: str) -> str:
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page lacks the marks {BEGIN} and {END}")
    return f"{before}{begin}\n{figures}\n{end}{after}"
