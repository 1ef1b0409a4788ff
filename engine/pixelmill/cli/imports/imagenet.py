"""pixelmill import imagenet: ILSVRC2012 from its tars or folders, its classes and boxes."""

from typing import Any

import click

from pixelmill.cli.imports.asked import asked, do_import


@click.command("imagenet")
@asked
@click.option("--devkit", metavar="URL", help="ILSVRC2012_devkit_t12.tar.gz, or its folder.")
@click.option("--synsets", metavar="URL", help="Without it: a text of a synset a line.")
@click.option("--subset", metavar="NAME", help="train, or val: classes by the ground truth.")
@click.option("--boxes", metavar="URL", help="A tar, or a folder, of XML files.")
@click.option("--order", metavar="NAME", help="What cls counts by: sorted, devkit or slim.")
@click.option(
    "--orientation", default="ignore", metavar="HOW",
    help="EXIF's: ignore (as training on ImageNet does), or apply.",
)  # fmt: skip
def command(what: tuple[str, ...], orientation: str, **said: Any) -> None:
    """Write IMAGES (the tar of tars, the val tar, folders) with their class as shards into OUTPUT.

    \b
    pixelmill import imagenet ILSVRC2012_img_train.tar out/ --devkit ILSVRC2012_devkit_t12.tar.gz
    pixelmill import imagenet ILSVRC2012_img_val.tar val/ --devkit ... --subset val

    Without a devkit, the classes are the class folders, or the tars in the tar.
    """
    labels = {word: said.pop(word) for word in ("devkit", "synsets", "subset", "boxes", "order")}
    if len(what) > 1 and not (labels["devkit"] or labels["synsets"]):
        labels["wnids"] = _class_names(what[:-1])
    do_import({"form": "imagenet", **labels}, what, said, orientation=orientation)


def _class_names(urls: tuple[str, ...]) -> list[str]:
    from pixelmill.sources import open_source

    names: list[str] = open_source(urls).about().get("classes", [])
    if not names:
        raise click.UsageError(
            f"no class folders or tars of classes in {urls[0]}; give --devkit or --synsets"
        )
    return names
