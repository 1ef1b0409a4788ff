"""Figures: what was measured, or what changed, as tables and sentences."""

from itertools import groupby

from rich.console import Console, JustifyMethod
from rich.markup import escape
from rich.table import Table

from pixelmill.measure.comparing import Change, Comparison
from pixelmill.measure.figures import Figure
from pixelmill.measure.results import Results

_COLOURS = {"better": "green", "worse": "red", "too few rounds": "yellow", "no change": "dim"}


def show_results(results: Results, console: Console | None = None) -> None:
    """Every figure with its spread over the rounds, the machine, and the findings."""
    console = console or Console(highlight=False)
    steps = [one for one in results.figures if one.group.startswith("step ")]
    console.print(_table([one for one in results.figures if one not in steps]))
    if steps:
        console.print(_steps(steps))
    machine = results.machine
    console.print(
        f"{escape(str(machine['processor']))}, {machine['cores']} cores, "
        f"{escape(str(machine['simd']))}; load before it {machine['load_before']}",
        style="dim",
    )
    for sentence in results.said:
        console.print(f"- {escape(sentence)}", soft_wrap=True)


def _table(figures: list[Figure]) -> Table:
    table = _headed("", ">median", "", ">rounds")
    for group, ours in groupby(figures, lambda figure: figure.group):
        table.add_row(f"[bold]{escape(group)}[/]")
        for one in ours:
            spread = f"[dim]± {one.spread:.0%}[/]" if len(one.rounds) > 1 else ""
            table.add_row(f"  {escape(one.name)}", number(one.value), escape(one.unit), spread)
    return table


def _steps(figures: list[Figure]) -> Table:
    """A row for each step."""
    table = _headed("", ">images/s", ">MB/s", ">s / 1,000 images")
    for group, ours in groupby(figures, lambda figure: figure.group):
        cells = {one.unit: number(one.value) for one in ours}
        columns = ("images/s", "MB/s", "s / 1,000 images")
        table.add_row(escape(group), *(cells.get(unit, "") for unit in columns))
    return table


def _headed(*heads: str) -> Table:
    """Columns without lines; those that begin with > stand on the right."""
    table = Table(box=None, padding=(0, 2, 0, 0))
    for head in heads:
        side: JustifyMethod = "right" if head.startswith(">") else "left"
        table.add_column(
            head.lstrip(">"), justify=side, header_style="bold", no_wrap=side == "right"
        )
    return table


def show_comparison(found: Comparison, console: Console | None = None) -> None:
    """The figures that changed, how sure that is, and how many did not."""
    console = console or Console(highlight=False)
    told = [change for change in found.changes if change.verdict in ("better", "worse")]
    table = _headed("", ">before", ">after", "", ">times (from, to)", "")
    for change in told:
        table.add_row(*_cells(change))
    if told:
        console.print(table)
    for note in found.notes:
        console.print(f"[yellow]note:[/] {escape(note)}", soft_wrap=True)
    unsure = sum(change.verdict == "too few rounds" for change in found.changes)
    if unsure:
        console.print(f"{unsure} figures have too few rounds to tell; 5 on each side are enough.")
    console.print(
        f"Of {len(found.changes)} figures {len(found.worse)} got worse and "
        f"{len(told) - len(found.worse)} better, beyond noise and threshold."
    )


def _cells(change: Change) -> list[str]:
    colour, factor = _COLOURS[change.verdict], change.factor
    return [
        escape(change.title),
        number(change.before),
        number(change.after),
        escape(change.unit),
        f"{factor.ratio:.3f} ({factor.low:.3f} to {factor.high:.3f})",
        f"[{colour}]{change.verdict}[/]",
    ]


def number(value: float) -> str:
    """Three digits at least, thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3g}"
