"""pixelmill import coco: COCO, the annotations of all its tasks."""

from typing import Any

import click

from pixelmill.cli.imports.asked import asked, do_import


@click.command("coco")
@asked
@click.option("--instances", metavar="URL", help="instances_train2017.json: objects and crowds.")
@click.option("--keypoints", metavar="URL", help="person_keypoints_train2017.json.")
@click.option("--stuff", metavar="URL", help="stuff_train2017.json.")
@click.option("--captions", metavar="URL", help="captions_train2017.json.")
@click.option("--panoptic", metavar="URL", help="panoptic_train2017.json.")
@click.option("--panoptic-masks", metavar="URL", help="The folder, or the zip, of its PNGs.")
def command(what: tuple[str, ...], **said: Any) -> None:
    """Write IMAGES (folders, tars) with what these files say of them as shards into OUTPUT."""
    words = ("instances", "keypoints", "stuff", "captions", "panoptic", "panoptic_masks")
    do_import({"form": "coco", **{word: said.pop(word) for word in words}}, what, said)
