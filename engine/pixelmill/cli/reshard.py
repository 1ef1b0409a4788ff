"""pixelmill reshard: existing shards merged, split or shuffled; their samples stay as they are."""

from typing import Any

import click

from pixelmill.cli.options import plain_value
from pixelmill.cli.run import do

_SHARDS = {
    "samples_per_shard": "samples",
    "shard_bytes": "bytes",
    "count": "count",
    "divisible_by": "divisible_by",
    "last": "last",
}
_EXECUTOR = {"workers": "workers", "executor": "kind", "ray_address": "ray_address"}


@click.command("reshard")
@click.argument("what", nargs=-1, required=True, metavar="SOURCE... OUTPUT")
@click.option("--samples-per-shard", metavar="N", help="Every shard but the last holds N.")
@click.option("--shard-bytes", metavar="SIZE", help="Begin a new one before SIZE, e.g. 256MB.")
@click.option("--count", metavar="K", help="So many shards, as equal as can be.")
@click.option("--divisible-by", metavar="K", help="Their number is a multiple of K.")
@click.option("--last", metavar="HOW", help="What is left over: keep, drop or pad.")
@click.option("--shuffle", is_flag=True, help="All samples in one random order.")
@click.option("--seed", metavar="N", help="Of the order.")
@click.option("--balance", metavar="FIELD", help="Each class in FIELD equally often; shuffled.")
@click.option("--draw", metavar="N", help="So many samples in all, or of balanced: largest.")
@click.option("--name", default="train", help="What the shards' names begin with.")
@click.option("--max-failures", metavar="N", help="A count, or a fraction of the samples.")
@click.option("--workers", metavar="N", help="How many at once; default: the cores.")
@click.option("--executor", metavar="KIND", help="inline, ray or auto.")
@click.option("--ray-address", metavar="ADDRESS", help="Of a running cluster; auto finds it.")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON on standard output.")
@click.option("--quiet", is_flag=True, help="No progress; the summary only.")
def command(what: tuple[str, ...], as_json: bool, quiet: bool, **options: Any) -> None:
    """Merge, split or shuffle tars (.gz and .zst, too) without touching what is in them.

    \b
    pixelmill reshard 'small/*.tar' out/ --samples-per-shard 5000
    pixelmill reshard 'large/*.tar' out/ --count 256 --shuffle --seed 1
    pixelmill reshard 'large/*.tar' out/ --count 256 --balance cls --draw largest

    Nothing is decoded; fields are copied byte for byte.  The same command goes on where it stopped.
    """
    from pixelmill.job import job_from

    if len(what) < 2:
        raise click.UsageError(f"expected SOURCE... OUTPUT, got only {what[0]!r}")
    do(job_from(_facts(what, options)), as_json, quiet)


def _facts(what: tuple[str, ...], options: dict[str, Any]) -> dict[str, Any]:
    """The job that copies samples from shards into others."""
    shards = _given(_SHARDS, options)
    if not {"samples", "bytes", "count"} & shards.keys():
        raise click.UsageError(
            "say how large the shards are to be: --samples-per-shard, --shard-bytes or --count"
        )
    if "count" not in shards and "divisible_by" not in shards:
        shards["equal"] = True
    output = {"name": options["name"], "image": "keep", "shards": shards}
    if sample := _given({"balance": "balance", "draw": "samples"}, options):
        output["sample"] = sample
    facts: dict[str, Any] = {
        "source": {"urls": list(what[:-1]), "kind": "webdataset"},
        "output": what[-1],
        "outputs": [output],
        "shuffle": options["shuffle"] or bool(sample),
        "untouched": True,
        "executor": _given(_EXECUTOR, options),
    }
    return {**facts, **_given({"seed": "seed", "max_failures": "max_failures"}, options)}


def _given(words: dict[str, str], options: dict[str, Any]) -> dict[str, Any]:
    return {at: plain_value(options[o]) for o, at in words.items() if options[o] is not None}
