"""pixelmill status: how far an output folder has come."""

import json

import click


@click.command("status")
@click.argument("folder")
@click.option("--json", "as_json", is_flag=True, help="As JSON on standard output.")
def command(folder: str, as_json: bool) -> None:
    """Say how far the job of an output FOLDER has come, from its ledger alone."""
    from pixelmill.status import status

    found = status(folder)
    if as_json:
        click.echo(json.dumps(found.to_json(), indent=1))
        return
    tally = found.tally
    state = "finished" if found.finished else "not finished; run the same command again to go on"
    click.echo(f"{folder}: {found.done} of {found.tasks} tasks done, {state}")
    if found.running:
        click.echo(f"  {found.running}")
    if found.to_gather is None:
        click.echo("  their samples are shared out to shards once all of them are")
    elif found.to_gather:
        click.echo(f"  {found.gathered:,} of {found.to_gather:,} shards gathered from all tasks")
    click.echo(
        f"  read {tally.read:,} = written {tally.written:,} + dropped {tally.dropped.total():,}"
        f" + quarantined {tally.quarantined.total():,}"
    )
    for title, counts in (("dropped", tally.dropped), ("quarantined", tally.quarantined)):
        for reason, count in counts.most_common():
            click.echo(f"  {title}: {reason} {count:,}")
    click.echo(f"  {found.shards:,} shards, {found.bytes:,} bytes")
    for said in found.damaged[:10]:
        click.echo(f"  damaged: {said}")
