"""pixelmill import labelbox: an export of Labelbox, version 2, with what every annotator said."""

from typing import Any

import click

from pixelmill.cli.imports.asked import do_import, options


@click.command("labelbox")
@click.argument("table", metavar="EXPORT")
@click.argument("out", metavar="OUTPUT")
@options
@click.option("--images", multiple=True, metavar="URL", help="The images: a folder, tars.")
@click.option("--download", is_flag=True, help="Images and masks come by the export's URLs.")
@click.option("--masks", metavar="URL", help="A folder of masks, named by feature_id or by URL.")
@click.option("--named-by", metavar="NAME", help="external_id (default), global_key or id.")
@click.option("--project", metavar="NAME", help="Only this one, by id or name.")
def command(table: str, out: str, images: tuple[str, ...], download: bool, **said: Any) -> None:
    """Write the images of EXPORT (NDJSON or a JSON array) with their labels into OUTPUT."""
    if not images and not download:
        raise click.UsageError("say where the images are (--images), or --download them")
    own = {word: said.pop(word) for word in ("masks", "named_by", "project")}
    labels = {"form": "labelbox", "table": table, "download": download, **own}
    do_import(labels, (*(images or (table,)), out), {**said, "kind": None if images else "listed"})
