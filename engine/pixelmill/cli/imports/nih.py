"""pixelmill import nih: ChestX-ray14, its findings and boxes."""

from typing import Any

import click

from pixelmill.cli.imports.asked import asked, do_import


@click.command("nih")
@asked
@click.option("--table", required=True, metavar="URL", help="Data_Entry_2017.csv.")
@click.option("--boxes", metavar="URL", help="BBox_List_2017.csv.")
def command(what: tuple[str, ...], table: str, boxes: str | None, **said: Any) -> None:
    """Write IMAGES (folders, tars) with their findings as shards into OUTPUT."""
    do_import({"form": "nih", "table": table, "boxes": boxes}, what, said)
