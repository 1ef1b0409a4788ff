"""pixelmill sheet: samples of an output folder before and after, with their annotations."""

import click


@click.command("sheet")
@click.argument("folder")
@click.argument("file", required=False)
@click.option("--output", "name", metavar="NAME", default="", help="Which output; the first.")
@click.option("--samples", default=12, show_default=True, type=click.IntRange(1, 200))
def command(folder: str, file: str | None, name: str, samples: int) -> None:
    """Draw samples of an output FOLDER beside what they were, into FILE (contact-sheet.jpg).

    Boxes, polygons, masks and keypoints are drawn over both.  FILE is a PNG or a JPEG by its name.
    """
    from pixelmill.demo.contact_sheet import write_sheet
    from pixelmill.demo.folder_pairs import folder_pairs
    from pixelmill.manifest import read_manifest

    path = file or "contact-sheet.jpg"
    pairs = folder_pairs(folder, name, samples)
    if not pairs:
        raise click.UsageError(
            f"none of the samples of {folder} is in its source any more; put the source back"
        )
    classes = read_manifest(folder)["source"].get("classes", ())
    write_sheet(pairs, path, folder, classes)
    click.echo(f"{path}: {len(pairs)} samples before and after")
