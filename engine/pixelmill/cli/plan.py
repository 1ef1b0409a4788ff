"""pixelmill plan: what a job will cost, before any is spent."""

import json
import sys
from typing import Any

import click

from pixelmill.cli.options import job_of, job_options


@click.command("plan")
@job_options
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
def command(what: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Say what a job comes to: tasks, output shards and bytes, time, peak memory a worker.

    A few samples of a few tasks are processed to find out; nothing is written.  Exit code 2 where
    the disk will not hold the output.
    """
    from pixelmill.estimate import Estimate, estimate
    from pixelmill.plan import make_plan

    job = job_of(what, options)
    found: Estimate = estimate(job, make_plan(job))
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
    else:
        _show(found)
    sys.exit(2 if found.overfull else 0)


def _show(found: Any) -> None:
    from rich.console import Console
    from rich.markup import escape
    from rich.table import Table

    from pixelmill.estimate import as_size

    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_row("tasks", f"{found.tasks:,}  ({as_size(found.input_bytes)} in)")
    table.add_row("samples", f"about {found.samples:,}  (from {found.probed:,} probed)")
    table.add_row("dropped", f"about {found.dropped:.1%}")
    table.add_row("quarantined", f"about {found.quarantined:.1%}")
    for name, said in found.drawn.items():
        table.add_row("drawn", f"{name}: {said}")
    table.add_row("output shards", f"about {found.shards:,}")
    free = "" if found.free_bytes is None else f"  ({as_size(found.free_bytes)} free)"
    table.add_row("output bytes", f"about {as_size(found.output_bytes)}{free}")
    if found.exchange_bytes:
        table.add_row("exchange", f"about {as_size(found.exchange_bytes)} more until it is done")
    table.add_row(
        "time",
        f"about {_time(found.seconds)} at {found.images_per_second:,.0f} images/s on "
        f"{found.workers} {found.executor} workers",
    )
    table.add_row("memory", f"about {as_size(found.worker_bytes)} a process at its peak")
    if found.users_code:
        table.add_row("code of yours", escape(", ".join(found.users_code)))
    console = Console(highlight=False)
    console.print(table)
    if found.overfull:
        console.print(f"[red]It will not fit:[/] {escape(found.overfull)}")


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
