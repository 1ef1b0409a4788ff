"""pixelmill init: write a commented job.yaml."""

from pathlib import Path

import click

from pixelmill.job.template import template


@click.command("init")
@click.argument("path", default="job.yaml", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--source", default="photos/", show_default=True, help="Where the samples are.")
@click.option("--output", default="out/", show_default=True, help="The folder to write.")
@click.option("--force", is_flag=True, help="Overwrite a file that is there.")
def command(path: Path, source: str, output: str, force: bool) -> None:
    """Write a commented job file to PATH (job.yaml)."""
    if path.exists() and not force:
        raise click.UsageError(f"{path} is there already; choose another name, or add --force")
    try:
        path.write_text(template(str(path), source, output), encoding="utf-8")
    except OSError as error:
        raise click.UsageError(f"{path} cannot be written: {error.strerror}") from error
    click.echo(f"Wrote {path}: name your source and output in it, then `pixelmill plan {path}`.")
