"""pixelmill verify: recompute checksums and counts of an output folder."""

import sys

import click


@click.command("verify")
@click.argument("folder")
def command(folder: str) -> None:
    """Read every shard of an output FOLDER: sha256, size, samples, against its ledger."""
    from pixelmill.verify import verify

    found = verify(folder)
    for problem in found.problems:
        click.echo(f"wrong: {problem}")
    said = "all is as the ledger says" if not found.problems else f"{len(found.problems)} problems"
    click.echo(f"{found.shards:,} shards, {found.samples:,} samples, {found.bytes:,} bytes: {said}")
    sys.exit(1 if found.problems else 0)
