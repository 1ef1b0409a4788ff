"""pixelmill import: a dataset as it is published, made shards with its labels."""

from typing import Any

import click

from pixelmill.cli.options import pairs, plain_value
from pixelmill.cli.run import do

_DATASETS = {"nih": "Data_Entry_2017.csv", "chexpert": "train.csv", "mimic": "chexpert.csv.gz"}
_TABLES = ("boxes", "metadata", "sides")


@click.command("import")
@click.argument("dataset", type=click.Choice(list(_DATASETS)))
@click.argument("what", nargs=-1, required=True, metavar="IMAGES... OUTPUT")
@click.option("--table", required=True, metavar="URL", help="Of the labels: CSV or Parquet.")
@click.option("--boxes", metavar="URL", help="nih: BBox_List_2017.csv.")
@click.option("--metadata", metavar="URL", help="mimic: the table of the images.")
@click.option("--sides", metavar="URL", help="mimic: the table of the split.")
@click.option("--list", "lists", multiple=True, metavar="SIDE=URL", help="An official list.")
@click.option("--fractions", metavar="A=0.8,B=0.2", help="Split by patient instead.")
@click.option("--leaks", metavar="HOW", help="What is on two sides: warn, fail or off.")
@click.option("--without-row", metavar="HOW", help="Images without labels: quarantine or keep.")
@click.option("--samples-per-shard", metavar="N", help="Begin a new shard after N.")
@click.option("--batch", metavar="N", help="Images to a task.")
@click.option("--max-failures", metavar="N", help="A count, or a fraction of the samples.")
@click.option("--workers", metavar="N", help="How many at once; default: the cores.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON on standard output.")
@click.option("--quiet", is_flag=True, help="No progress; the summary only.")
def command(dataset: str, what: tuple[str, ...], as_json: bool, quiet: bool, **said: Any) -> None:
    """Write IMAGES (folders, tars) with the labels of DATASET's tables as shards into OUTPUT.

    \b
    pixelmill import nih images/ out/ --table Data_Entry_2017.csv --boxes BBox_List_2017.csv \\
        --list train=train_val_list.txt --list test=test_list.txt
    pixelmill import chexpert CheXpert-v1.0-small/ out/ --table train.csv \\
        --fractions train=0.9,val=0.1

    Images are copied byte for byte.  A job file does the same on the way, with `source.labels`.
    """
    from pixelmill.job import job_from

    if len(what) < 2:
        raise click.UsageError(f"expected IMAGES... OUTPUT, got only {what[0]!r}")
    do(job_from(_facts(dataset, what, said)), as_json, quiet)


def _facts(dataset: str, what: tuple[str, ...], said: dict[str, Any]) -> dict[str, Any]:
    """The job that copies images and joins their labels."""
    labels = {"form": dataset, "table": said["table"]}
    labels |= {word: said[word] for word in (*_TABLES, "without_row") if said[word]}
    source = {"urls": list(what[:-1]), "labels": labels}
    source |= {"batch": plain_value(said["batch"])} if said["batch"] else {}
    samples = {"samples": plain_value(said["samples_per_shard"])}
    output: dict[str, Any] = {
        "image": "keep",
        **({"shards": samples} if samples["samples"] else {}),
    }
    facts: dict[str, Any] = {"source": source, "output": what[-1], "outputs": [output]}
    # No pixel is asked for, so that JPEGs of gray levels stay what they are.
    facts["decode"] = {"color": "keep"}
    if split := _split(said):
        facts["split"] = split
    if said["max_failures"]:
        facts["max_failures"] = plain_value(said["max_failures"])
    if said["workers"]:
        facts["executor"] = {"workers": plain_value(said["workers"])}
    return facts


def _split(said: dict[str, Any]) -> dict[str, Any]:
    """By lists or by patient; the patients on two sides are looked for."""
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
