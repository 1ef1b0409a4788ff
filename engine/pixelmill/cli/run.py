"""pixelmill run: do a job, or go on with it."""

import json
import signal
import sys
from contextlib import redirect_stdout
from typing import TYPE_CHECKING, Any, NoReturn

import click

from pixelmill.cli.options import job_of, job_options
from pixelmill.job import Job

if TYPE_CHECKING:
    from pixelmill.run import Report, Watch


@click.command("run")
@job_options
@click.option("--json", "as_json", is_flag=True, help="The report as JSON on standard output.")
@click.option("--quiet", is_flag=True, help="No progress; the summary only.")
@click.option("--only-new", is_flag=True, help="Take added input shards into the same output.")
@click.option("--log", metavar="FILE", help="Add a JSON line for each event; - for standard error.")
def command(
    what: tuple[str, ...],
    as_json: bool,
    quiet: bool,
    log: str | None,
    only_new: bool,
    **options: Any,
) -> None:
    """Do a job, or go on with it: what is done already is not done again.

    \b
    pixelmill run 'photos/train-{000..009}.tar' out/ --resize 256 --quality 90
    pixelmill run photos/ s3://bucket/out --resize 256 --crop 224 --ray
    pixelmill run job.yaml --set seed=1

    A SOURCE is tars, Parquet files or a folder; braces, globs, `a::b` and `@list.txt` are expanded.
    """
    do(job_of(what, options), as_json, quiet, log, only_new)


def do(
    job: Job, as_json: bool, quiet: bool, log: str | None = None, only_new: bool = False
) -> NoReturn:
    """Do a job as its command was asked to, say how it went, and end with its exit code."""
    from pixelmill.cli.progress import Progress, Silence
    from pixelmill.cli.summary import summarise
    from pixelmill.run import run

    signal.signal(signal.SIGTERM, _interrupt)
    # Ray prints what it has to say of a lost node on standard output, where the report belongs.
    with redirect_stdout(sys.stderr), Silence() if quiet or as_json else Progress() as watch:
        report = _logged(job, log, watch, only_new) if log else run(job, watch, only_new)
    if as_json:
        click.echo(json.dumps(report.to_json(), indent=1))
    else:
        summarise(report)
    sys.exit(report.exit_code)


def _logged(job: Job, path: str, watch: "Watch", only_new: bool) -> "Report":
    from pixelmill.log import Log
    from pixelmill.run import run

    with Log(path, watch) as log:
        report = run(job, log, only_new)
        log.ended(report)
    return report


def _interrupt(*_: Any) -> None:
    """SIGTERM is as good as Ctrl-C: what is begun is undone, what is done stays."""
    raise KeyboardInterrupt
