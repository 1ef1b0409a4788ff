"""Page: results as one HTML file that needs nothing else, and asks no network for anything."""

from collections.abc import Callable, Iterator
from html import escape
from itertools import groupby

from pixelmill.measure.figures import Figure
from pixelmill.measure.plots import bars, curves, stack
from pixelmill.measure.results import Results

Curve = Callable[[float], float]

_STYLE = """
:root { color-scheme: light dark; }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 800px; margin: 2em auto; padding: 0 1em; }
svg { width: 100%; height: auto; font: 13px system-ui, sans-serif; margin: .5em 0; }
table { border-collapse: collapse; width: 100%; }
td { padding: 1px 8px; vertical-align: top; }
td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
th { text-align: left; padding: 10px 8px 2px 0; }
"""


def page_of(results: Results) -> str:
    """Findings, plots, every figure, and what it was measured on; all text is escaped."""
    title = f"pixelmill bench: {'this machine' if results.kind == 'machine' else 'a job'}"
    body = "\n".join(_body(title, results))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n{body}\n"
        "</body></html>\n"
    )


def _body(title: str, results: Results) -> Iterator[str]:
    yield f"<h1>{escape(title)}</h1><p>{escape(results.day)}</p>"
    if results.said:
        yield f"<ul>{''.join(f'<li>{escape(said)}</li>' for said in results.said)}</ul>"
    rates = [(f.group, f.value) for f in results.figures if _is_throughput(f)]
    if rates:
        yield f"<h2>Images a second</h2>{bars(rates)}"
    if results.scaling:
        laws: list[tuple[str, Curve]] = [(law.name, law.at) for law in results.laws]
        first = results.scaling[min(results.scaling)] / min(results.scaling)
        laws.append(("no loss", lambda workers: first * workers))
        yield f"<h2>Workers</h2>{curves(results.scaling, laws)}"
    if results.shares:
        yield f"<h2>Where the time of one worker goes</h2>{stack(results.shares)}"
    yield f"<h2>All figures</h2>{_figures(results)}"
    facts = {**results.settings, **results.machine}
    rows = "".join(f"<tr>{_cell(name)}{_cell(value)}</tr>" for name, value in facts.items())
    yield f"<h2>Measured on, and how</h2><table>{rows}</table>"


def _is_throughput(figure: Figure) -> bool:
    return figure.name == "images" and not figure.group.startswith("step ")


def _figures(results: Results) -> str:
    rows = []
    for group, figures in groupby(results.figures, lambda figure: figure.group):
        rows.append(f'<tr><th colspan="4">{escape(group)}</th></tr>')
        for one in figures:
            spread = f"{min(one.rounds):,.4g} to {max(one.rounds):,.4g}"
            value = _cell(f"{one.value:,.4g}", "number")
            cells = f"{_cell(one.name)}{value}{_cell(one.unit)}{_cell(spread, 'number')}"
            rows.append(f"<tr>{cells}</tr>")
    return f"<table>{''.join(rows)}</table>"


def _cell(value: object, kind: str = "") -> str:
    said = f' class="{kind}"' if kind else ""
    return f"<td{said}>{escape(str(value))}</td>"
