"""pixelmill bench: what this machine, or a job on it, can do a second, and what has changed."""

import json
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from pixelmill.measure.asked import Asked
    from pixelmill.measure.comparing import Comparison
    from pixelmill.measure.results import Results

SIDES = ("read", "decode", "write")
_FILE = click.Path(dir_okay=False, path_type=Path)


class _WithCompare(click.Command):
    """`bench compare` is a command of its own; everything else is a job, or nothing."""

    def make_context(
        self,
        info_name: str | None,
        args: list[str],
        parent: click.Context | None = None,
        **extra: Any,
    ) -> click.Context:
        if args[:1] == ["compare"]:
            return compare.make_context(f"{info_name} compare", args[1:], parent, **extra)
        return super().make_context(info_name, args, parent, **extra)


@click.command("bench", cls=_WithCompare)
@click.argument("job", required=False, metavar="[JOB.yaml]")
@click.option("--json", "json_file", type=_FILE, help="Write the results there.")
@click.option("--html", "html_file", type=_FILE, help="Write a page with plots there.")
@click.option("--storage", metavar="URL", help="Measure this storage; of a job, write there.")
@click.option("--isolate", type=click.Choice(SIDES), multiple=True, help="Only this side of a job.")
@click.option("--rounds", type=click.IntRange(1), help="How often everything is measured; or 5.")
@click.option("--images", type=click.IntRange(4), help="How many a core has in a run.")
@click.option("--workers", type=click.IntRange(1), help="The most; default: the cores.")
@click.option("--set", "changes", multiple=True, metavar="PLACE=VALUE", help="Any place of a job.")
def command(
    job: str | None, json_file: Path | None, html_file: Path | None, **options: Any
) -> None:
    """Measure this machine, in about a minute, or a job on some of its own shards.

    \b
    pixelmill bench
    pixelmill bench job.yaml --html bench.html
    pixelmill bench job.yaml --isolate read
    pixelmill bench compare before.json after.json

    A job's output is not touched: what is written goes into a folder beside it, or below --storage,
    which is removed afterwards.
    """
    from pixelmill.cli.figures import show_results
    from pixelmill.measure.page import page_of
    from pixelmill.measure.results import write_results

    changes = options.pop("changes")
    if job is None and (changes or options["isolate"]):
        raise click.UsageError("--set and --isolate are for a job: pixelmill bench JOB.yaml ...")
    for file in filter(None, (json_file, html_file)):
        if not file.absolute().parent.is_dir():  # said now: a minute later it would be a pity
            raise click.UsageError(f"{file}: there is no folder {file.parent} to write it into")
    # SIGTERM as Ctrl-C: the folder beside a job's output is removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    results = _measured(job, changes, _asked(**options))
    show_results(results)
    if json_file:
        write_results(results, json_file)
    if html_file:
        html_file.write_text(page_of(results), encoding="utf-8")


def _asked(isolate: tuple[Any, ...], rounds: int | None, **options: Any) -> "Asked":
    from pixelmill.measure.asked import ROUNDS, Asked

    if isolate:
        return Asked(rounds or ROUNDS, sides=isolate, only_sides=True, **options)
    return Asked(rounds or ROUNDS, **options)


def _measured(job: str | None, changes: tuple[str, ...], asked: "Asked") -> "Results":
    from rich.console import Console

    with Console(stderr=True).status("") as status:
        if job is None:
            from pixelmill.measure.here import measure_machine

            return measure_machine(asked, status.update)
        from pixelmill.cli.options import job_of
        from pixelmill.measure.own import measure_job

        if not job.endswith((".yaml", ".yml", ".json")):
            raise click.UsageError(f"expected a job file or nothing, got {job!r}")
        return measure_job(job_of((job,), {"changes": changes}), asked, status.update)


@click.command("compare")
@click.argument("files", nargs=-1, required=True, metavar="BEFORE AFTER [BEFORE AFTER ...]")
@click.option("--threshold", metavar="SHARE", type=click.FloatRange(0, 1), default=0.05,
              show_default=True, help="A change that is smaller does not count.")  # fmt: skip
@click.option("--confidence", type=click.FloatRange(0.5, 0.9999), default=0.99,
              show_default=True, help="How sure a change must be.")  # fmt: skip
@click.option("--only", metavar="GLOB", default="*", help="Figures of such titles: '*: images'.")
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
def compare(
    files: tuple[str, ...], threshold: float, confidence: float, only: str, as_json: bool
) -> None:
    """Say what changed between runs beyond their noise; exit code 1 where something got worse.

    A machine that drifts between two runs looks like a change.  Take them by turns, before, after,
    before, after, and give all files in that order: rounds are compared within each pair.
    """
    from pixelmill.cli.figures import show_comparison
    from pixelmill.measure import comparing

    bounds = comparing.Bounds(threshold, confidence)
    found: Comparison = comparing.compare(_pairs(files), bounds, only)
    if not found.changes:
        raise click.UsageError(f"no figure that all files have is named {only!r}")
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
    else:
        show_comparison(found)
    click.get_current_context().exit(1 if found.worse else 0)


def _pairs(files: tuple[str, ...]) -> "list[tuple[Results, Results]]":
    from pixelmill.measure.results import read_results

    if len(files) % 2:
        raise click.UsageError(f"expected pairs of files, before and after, got {len(files)}")
    try:
        runs = [read_results(file) for file in files]
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    return list(zip(runs[::2], runs[1::2], strict=True))
