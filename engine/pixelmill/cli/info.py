"""pixelmill info: versions, processor, SIMD width, libraries."""

import json

import click


@click.command("info")
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
def command(as_json: bool) -> None:
    """Say which versions, processor, SIMD width and libraries are in use."""
    from pixelmill.info import info

    facts = info()
    if as_json:
        click.echo(json.dumps(facts, indent=1))
        return
    for name, value in facts.items():
        click.echo(f"{name:24} {value}")
