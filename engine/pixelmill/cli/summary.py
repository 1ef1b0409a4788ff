"""Summary: how a run ended, as a table, and what to do next."""

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from pixelmill.run import Report
from pixelmill.storage import masked


def summarise(report: Report, console: Console | None = None) -> None:
    """The counts, the speed, where the time went, and how to go on."""
    console = console or Console(highlight=False)
    tally = report.tally
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("read", f"{tally.read:,} samples")
    counts = ", ".join(f"{name} {count:,}" for name, count in tally.outputs.items())
    table.add_row("written", f"{tally.written:,}" + (f"  ({counts})" if counts else ""))
    table.add_row("dropped", _reasons(tally.dropped))
    table.add_row("quarantined", _reasons(tally.quarantined))
    if tally.notes:
        table.add_row("noted", _reasons(tally.notes))
    table.add_row("tasks", f"{report.done:,} of {report.tasks:,}")
    if report.ran:
        table.add_row("speed", _speed(report))
        table.add_row("time", _shares(report))
    if report.version:
        table.add_row("version", report.version[:16])
    console.print(table)
    for line in _next_steps(report):
        console.print(line, soft_wrap=True)


def _next_steps(report: Report) -> list[str]:
    output = escape(masked(report.output))
    lines = [f"[red]failed:[/] {escape(said)}" for said in report.failed[:10]]
    lines += [f"[yellow]damaged:[/] {escape(said)}" for said in report.damaged[:10]]
    colour = "red" if report.leaking else "yellow"
    lines += [f"[{colour}]leak:[/] {escape(said)}" for said in report.leaks]
    if report.over_budget:
        lines.append(f"[red]over budget:[/] {escape(report.over_budget)}")
    elif report.tally.quarantined:
        lines.append(
            f"Look into {output}/quarantine; `pixelmill retry {output}` processes "
            "them again, once mended."
        )
    if report.interrupted:
        lines.append(
            f"Interrupted: {report.done} of {report.tasks} tasks are done and whole, nothing is "
            "half; run the same command again to go on."
        )
    elif not report.complete:
        lines.append("Run the same command again to do what is missing.")
    else:
        lines.append(f"Done: {output}")
    return lines


def _reasons(counts: dict[str, int]) -> str:
    total = sum(counts.values())
    named = ", ".join(f"{reason} {count:,}" for reason, count in sorted(counts.items()))
    return f"{total:,}" + (f"  ({escape(named)})" if named else "")


def _speed(report: Report) -> str:
    read = sum(record.bytes_read for record in report.records)
    written = sum(record.bytes_written for record in report.records)
    seconds = max(report.seconds, 1e-9)
    return (
        f"{report.images_per_second:,.0f} images/s, {read / seconds / 1e6:.0f} MB/s in, "
        f"{written / seconds / 1e6:.0f} MB/s out; {report.seconds:.1f} s on {report.workers} "
        f"{report.executor} workers"
    )


def _shares(report: Report) -> str:
    found = report.shares()
    listed = ", ".join(f"{step} {share:.0%}" for step, share in found.items())
    return f"{listed}\n{report.verdict}"
