"""pixelmill retry: process the quarantined samples again, once mended."""

import sys

import click
import yaml


@click.command("retry")
@click.argument("folder")
@click.option(
    "--set", "changes", multiple=True, metavar="PLACE=VALUE", help="e.g. decode.max_pixels="
)
def command(folder: str, changes: tuple[str, ...]) -> None:
    """Process what is in the quarantine of an output FOLDER again.

    Mend the cause first: install a missing codec, mend the members in quarantine/*.tar, or change a
    limit for these samples: pixelmill retry out/ --set decode.max_pixels=500000000
    """
    from pixelmill.cli.progress import Progress
    from pixelmill.cli.summary import summarise
    from pixelmill.retry import retry

    found = {}
    for change in changes:
        place, equals, value = change.partition("=")
        if not equals:
            raise click.UsageError(f"--set {change}: expected PLACE=VALUE")
        found[place] = yaml.safe_load(value)
    with Progress() as watch:
        report = retry(folder, found, watch)
    summarise(report)
    sys.exit(report.exit_code)
