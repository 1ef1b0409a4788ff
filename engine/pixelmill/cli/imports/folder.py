"""pixelmill import folder: images in folders that are their classes, with masks beside."""

from typing import Any

import click

from pixelmill.cli.imports.asked import asked, do_import


@click.command("folder")
@asked
@click.option("--masks", metavar="URL", help="Masks, under the images' paths.")
@click.option("--mask-suffix", metavar="END", help="a_mask.png is a.jpg's; beside, or in --masks.")
@click.option("--class-from", "classes_from", metavar="WHAT", help="folder (default) or nothing.")
def command(what: tuple[str, ...], **said: Any) -> None:
    """Write IMAGES, with the folder's name as class and masks as seg.png, into OUTPUT."""
    own = {word: said.pop(word) for word in ("masks", "mask_suffix", "classes_from")}
    do_import({"form": "folder", **own}, what, said)
