"""pixelmill import table: a CSV or Parquet of paths, and what its columns say of the images."""

from typing import Any

import click

from pixelmill.cli.imports.asked import do_import, options

_ONE = ("label", "labels", "group", "split", "text", "boxes", "mask")


@click.command("table")
@click.argument("table", metavar="TABLE")
@click.argument("out", metavar="OUTPUT")
@options
@click.option("--images", required=True, metavar="URL", help="Where the paths in TABLE begin.")
@click.option("--path", "key", required=True, metavar="COLUMN", help="The images' paths.")
@click.option("--label", metavar="COLUMN", help="The one class of an image.")
@click.option("--labels", metavar="COLUMN", help="Its classes, apart by --separator.")
@click.option("--separator", metavar="TEXT", help="Between classes; default |.")
@click.option(
    "--state", "states", multiple=True, metavar="COLUMN", help="A class: 1, 0, -1, blank."
)
@click.option("--group", metavar="COLUMN", help="Patient, scene ...")
@click.option("--side", "split", metavar="COLUMN", help="The side that the table names.")
@click.option("--caption", "text", metavar="COLUMN", help="A text.")
@click.option("--boxes", metavar="COLUMN", help='JSON: [{"label": "cat", "bbox": [x, y, w, h]}].')
@click.option("--mask", metavar="COLUMN", help="The path of a PNG mask.")
@click.option("--masks", metavar="URL", help="Where those paths begin; default --images.")
@click.option("--meta", multiple=True, metavar="COLUMN", help="Kept as it is.")
def command(table: str, out: str, **said: Any) -> None:
    """Write the images that TABLE names, and no others, with what it says, into OUTPUT."""
    columns = {word: said.pop(word) for word in _ONE} | {
        word: list(said.pop(word)) for word in ("states", "meta")
    }
    own = {word: said.pop(word) for word in ("images", "key", "separator", "masks")}
    labels = {"form": "table", "table": table, **own}
    labels["columns"] = {word: value for word, value in columns.items() if value}
    do_import(labels, (table, out), {**said, "kind": "listed"})
