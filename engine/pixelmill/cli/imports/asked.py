"""Asked: what every import asks, and the job that copies images and joins their labels."""

from collections.abc import Callable
from typing import Any

import click

from pixelmill.cli.options import pairs, plain_value
from pixelmill.cli.run import do

_BEFORE = click.argument("what", nargs=-1, required=True, metavar="IMAGES... OUTPUT")
_OPTIONS = (
    click.option("--list", "lists", multiple=True, metavar="SIDE=URL", help="An official list."),
    click.option("--fractions", metavar="A=0.8,B=0.2", help="Split by group instead."),
    click.option("--leaks", metavar="HOW", help="What is on two sides: warn, fail or off."),
    click.option("--without-row", metavar="HOW", help="Images without labels: quarantine or keep."),
    click.option("--samples-per-shard", metavar="N", help="Begin a new shard after N."),
    click.option("--batch", metavar="N", help="Images to a task."),
    click.option("--max-failures", metavar="N", help="A count, or a fraction of the samples."),
    click.option("--workers", metavar="N", help="How many at once; default: the cores."),
    click.option("--json", "as_json", is_flag=True, help="The report as JSON on standard output."),
    click.option("--quiet", is_flag=True, help="No progress; the summary only."),
)


def asked(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments and options that every import has; they come as `what` and by their names."""
    return _BEFORE(options(command))


def options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options alone, for an import whose arguments are its own."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def do_import(
    labels: dict[str, Any] | None, what: tuple[str, ...], said: dict[str, Any], **decode: Any
) -> None:
    """Import with these words of `source.labels`; None where labels come with the images.

    `said` holds the options of `asked`, `decode` more words of the job's; the words of `labels`
    that are None are left out.
    """
    from pixelmill.job import job_from

    if len(what) < 2:
        raise click.UsageError(f"expected IMAGES... OUTPUT, got only {what[0]!r}")
    job = facts(labels, what, said)
    job["decode"] |= decode
    do(job_from(job), said["as_json"], said["quiet"])


def facts(
    labels: dict[str, Any] | None, what: tuple[str, ...], said: dict[str, Any]
) -> dict[str, Any]:
    """The job as a file would say it."""
    source: dict[str, Any] = {"urls": list(what[:-1])}
    source |= {word: said[word] for word in ("kind", "key") if said.get(word)}
    if labels is not None:
        labels = {**labels, "without_row": said["without_row"]}
        source["labels"] = {word: value for word, value in labels.items() if value}
    if said["batch"]:
        source["batch"] = plain_value(said["batch"])
    output: dict[str, Any] = {"image": "keep"}
    if said["samples_per_shard"]:
        output["shards"] = {"samples": plain_value(said["samples_per_shard"])}
    job: dict[str, Any] = {"source": source, "output": what[-1], "outputs": [output]}
    # No pixel is asked for, so that JPEGs of gray levels stay what they are.
    job["decode"] = {"color": "keep"}
    if split := _split(said):
        job["split"] = split
    if said["max_failures"]:
        job["max_failures"] = plain_value(said["max_failures"])
    if said["workers"]:
        job["executor"] = {"workers": plain_value(said["workers"])}
    return job


def _split(said: dict[str, Any]) -> dict[str, Any]:
    """By lists or by group; the groups on two sides are looked for."""
    split: dict[str, Any] = {}
    if said["lists"]:
        split["lists"] = pairs("--list", said["lists"])
    if said["fractions"]:
        split["fractions"] = pairs("--fractions", said["fractions"].split(","))
    if split:
        split["group"] = "json.group"
    if said["leaks"]:
        split["leaks"] = said["leaks"]
    return split
