"""pixelmill import huggingface: Parquet of Hugging Face datasets, made records by its features."""

from typing import Any

import click

from pixelmill.cli.imports.asked import do_import, options


@click.command("huggingface")
@click.argument("what", nargs=-1, required=True, metavar="PARQUET... OUTPUT")
@options
@click.option("--key", metavar="COLUMN", help="What names a sample; default: file and row.")
@click.option("--objects", metavar="COLUMN", help="The objects, if they are not found.")
@click.option("--mask", metavar="COLUMN", help="The image that is a mask, if it is not found.")
@click.option("--group", metavar="COLUMN", help="Patient, scene ...")
@click.option("--side", metavar="COLUMN", help="The side that the dataset names.")
@click.option("--bbox", metavar="HOW", help="xywh (default) or xyxy.")
def command(what: tuple[str, ...], **said: Any) -> None:
    """Write the images of PARQUET, with objects, labels and masks, as shards into OUTPUT."""
    own = {word: said.pop(word) for word in ("objects", "mask", "group", "side", "bbox")}
    do_import({"form": "huggingface", **own}, what, {**said, "kind": "parquet"})
