"""pixelmill import chexpert: CheXpert, its findings in four states."""

from typing import Any

import click

from pixelmill.cli.imports.asked import asked, do_import


@click.command("chexpert")
@asked
@click.option("--table", required=True, metavar="URL", help="train.csv or valid.csv.")
def command(what: tuple[str, ...], table: str, **said: Any) -> None:
    """Write IMAGES (folders, tars) with their findings as shards into OUTPUT."""
    do_import({"form": "chexpert", "table": table}, what, said)
