"""pixelmill import openimages: Open Images V7, the tables of all its tasks."""

from typing import Any

import click

from pixelmill.cli.imports.asked import asked, do_import

_WORDS = ("classes", "images", "boxes", "labels", "masks", "mask_images", "relations", "points")


@click.command("openimages")
@asked
@click.option("--classes", required=True, metavar="URL", help="class-descriptions-boxable.csv.")
@click.option("--boxes", metavar="URL", help="validation-annotations-bbox.csv.")
@click.option("--labels", metavar="URL", help="Image labels of people, machines, or both (a::b).")
@click.option("--masks", metavar="URL", help="validation-annotations-object-segmentation.csv.")
@click.option("--mask-images", metavar="URL", help="The folder, or the zips, of its PNGs.")
@click.option("--relations", metavar="URL", help="validation-annotations-vrd.csv.")
@click.option("--points", metavar="URL", help="validation-points.csv.")
@click.option("--images", metavar="URL", help="image-ids-with-rotation.csv: licences, rotations.")
@click.option("--rotation", metavar="HOW", help="apply turns images and boxes; or ignore.")
def command(what: tuple[str, ...], rotation: str | None, **said: Any) -> None:
    """Write IMAGES (folders, tars) with what these tables say of them as shards into OUTPUT."""
    words = {word: said.pop(word) for word in _WORDS}
    do_import({"form": "openimages", **words, "rotation": rotation}, what, said)
