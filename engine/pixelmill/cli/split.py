"""pixelmill split: which side each sample of shards, a folder or a table goes to."""

import json
import sys
from pathlib import Path
from typing import Any

import click

from pixelmill.cli.options import pairs, plain_value

_PLAIN = ("folds", "rest", "group", "by", "stratify", "keep", "seed")


@click.command("split")
@click.argument("source", nargs=-1, required=True)
@click.option("--fractions", metavar="A=0.8,B=0.2", help="The share of each side.")
@click.option("--folds", metavar="K", help="So many equal sides: fold-0, fold-1 ...")
@click.option("--list", "lists", multiple=True, metavar="SIDE=URL", help="Names, one a line.")
@click.option("--rest", metavar="SIDE", help="Takes what no list names.")
@click.option("--group", metavar="PLACE", help="What is not torn apart: json.group, or a column.")
@click.option("--by", metavar="WHAT", help="group or key.")
@click.option("--stratify", metavar="PLACE", help="Each side gets its share: cls, or a column.")
@click.option("--keep", metavar="CSV", help="What it names stays where it was.")
@click.option("--seed", metavar="N", help="Of the hash.")
@click.option("--key", metavar="COLUMN", help="SOURCE is a CSV or Parquet table of this column.")
@click.option("--write", metavar="FILE", help="The assignment as CSV; default: standard output.")
@click.option("--fail", is_flag=True, help="Exit code 1 where a group is on two sides.")
@click.option("--json", "as_json", is_flag=True, help="The counts as JSON on standard error.")
def command(
    source: tuple[str, ...], key: str | None, write: str | None, fail: bool, as_json: bool,
    **options: Any,
) -> None:  # fmt: skip
    """Say which side each sample of SOURCE goes to, and which groups are on two sides.

    \b
    pixelmill split 'shards/*.tar' --fractions train=0.8,test=0.2 --group json.group
    pixelmill split labels.csv --key file --group patient --stratify findings --folds 5

    The sides are those of `split` in a job file; `lists` or `keep` take the CSV that is written.
    """
    from pixelmill.job.split import Split
    from pixelmill.sources import open_source
    from pixelmill.splits.assign import (
        assign,
        samples_of_source,
        samples_of_table,
        shared_groups,
        write_assignment,
    )

    split = _said(Split, options)
    if key:
        samples = samples_of_table("::".join(source), key, split)
    else:
        samples = samples_of_source(open_source(source), split)
    rows = assign(samples, split)
    if write:
        with Path(write).open("w", encoding="utf-8", newline="") as file:
            write_assignment(rows, file)
    else:
        write_assignment(rows, sys.stdout)
    leaks = shared_groups(samples, split)
    click.echo(json.dumps(leaks.to_json(), indent=1) if as_json else _told(leaks), err=True)
    sys.exit(1 if fail and leaks.found else 0)


def _said(split: Any, options: dict[str, Any]) -> Any:
    """The split of the options; JobError with its mistakes."""
    from pydantic import ValidationError

    from pixelmill.errors import JobError
    from pixelmill.job.mistakes import mistakes_of

    facts = {name: plain_value(options[name]) for name in _PLAIN if options[name] is not None}
    if options["fractions"]:
        facts["fractions"] = pairs("--fractions", options["fractions"].split(","))
    if options["lists"]:
        facts["lists"] = pairs("--list", options["lists"])
    try:
        return split(**facts)
    except ValidationError as error:
        raise JobError(mistakes_of(error, split, lambda _: "split: ")) from error


def _told(leaks: Any) -> str:
    total = max(1, sum(leaks.samples.values()))
    lines = [f"{side}: {count:,} ({count / total:.2%})" for side, count in leaks.samples.items()]
    return "\n".join([*lines, *(leaks.told() or ["no group is on two sides"])])
