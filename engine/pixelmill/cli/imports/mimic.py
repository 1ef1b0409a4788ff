"""pixelmill import mimic: MIMIC-CXR-JPG, the findings of its studies."""

from typing import Any

import click

from pixelmill.cli.imports.asked import asked, do_import


@click.command("mimic")
@asked
@click.option("--table", required=True, metavar="URL", help="mimic-cxr-2.0.0-chexpert.csv.gz.")
@click.option("--metadata", required=True, metavar="URL", help="The table of the images.")
@click.option("--sides", metavar="URL", help="The table of the split.")
def command(
    what: tuple[str, ...], table: str, metadata: str, sides: str | None, **said: Any
) -> None:
    """Write IMAGES (folders, tars) with the findings of their studies as shards into OUTPUT."""
    do_import({"form": "mimic", "table": table, "metadata": metadata, "sides": sides}, what, said)
