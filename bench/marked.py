"""Marked: the part of a page that a benchmark writes, between two marks that no reader sees."""

from pathlib import Path


def place(page: Path, figures: str, name: str = "figures") -> None:
    """Put the figures between the page's two marks of that name."""
    text = placed(page.read_text(encoding="utf-8"), figures, name)
    page.write_text(text, encoding="utf-8")


def placed(text: str, figures: str, name: str = "figures") -> str:
    first, last = marks(name)
    before, begin, rest = text.partition(first)
    _, end, after = rest.partition(last)
    if not begin or not end:
        raise ValueError(f"the page lacks the marks {first} and {last}")
    return f"{before}{begin}\n{figures}\n{end}{after}"


def marks(name: str) -> tuple[str, str]:
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
